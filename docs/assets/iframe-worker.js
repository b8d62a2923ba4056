// A page opened as a file may start no Worker, and the search of the site is one. Here it runs in
// a hidden frame instead. Served over http the browser's own Worker stays.
if (location.protocol === "file:") {
  window.IFrameWorker = class extends EventTarget {
    constructor(url) {
      super();
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.body.appendChild(this.frame);
      window.addEventListener("message", (said) => {
        if (said.source === this.frame.contentWindow)
          this.dispatchEvent(new MessageEvent("message", { data: said.data }));
      });
      const inner = this.frame.contentDocument;
      inner.open();
      inner.write(`<!doctype html><body><script>
        postMessage = parent.postMessage.bind(parent);
        importScripts = (...all) => all.reduce((before, one) => before.then(() =>
          new Promise((done, failed) => {
            const script = document.createElement("script");
            Object.assign(script, { src: one, onload: done, onerror: failed });
            document.body.appendChild(script);
          })), Promise.resolve());
      <\/script><script src="${new URL(url, location)}"><\/script></body>`);
      inner.close();
    }
    postMessage(data) {
      const send = () => this.frame.contentWindow.dispatchEvent(new MessageEvent("message", { data }));
      if (this.frame.contentDocument.readyState === "complete") send();
      else this.frame.addEventListener("load", send, { once: true });
    }
    terminate() {
      this.frame.remove();
    }
  };
  window.Worker = window.IFrameWorker;
}

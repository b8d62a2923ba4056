"""Scrapy's settings for a round: its unsafe defaults set right."""

from __future__ import annotations

from typing import Any

from crawlers.job import Limits

# Past this a single listing or article is not a page any more, only worth a warning.
_WARN_BYTES = 2 * 2**20
# Our own parts in the place of Scrapy's; only http and https exist.
_PARTS: dict[str, Any] = {
    "DOWNLOAD_HANDLERS": {
        "http": "crawlers.handler.BoundedHandler",
        "https": "crawlers.handler.BoundedHandler",
        "file": None,
        "data": None,
        "ftp": None,
        "s3": None,
    },
    "DOWNLOADER_MIDDLEWARES": {
        "crawlers.guard.GuardMiddleware": 60,
        "crawlers.robots.RobotsMiddleware": 100,
        "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    },
    "ROBOTSTXT_OBEY": False,  # crawlers.robots does it, with RFC 9309's answers to errors
}
# What is so in every round.
_ALWAYS: dict[str, Any] = {
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "METAREFRESH_ENABLED": False,
    "RETRY_TIMES": 1,
    # 429 and 503 ask for patience: the next round comes soon enough.
    "RETRY_HTTP_CODES": [502, 504, 522, 524],
    "RETRY_EXCEPTIONS": [
        "scrapy.exceptions.DownloadFailedError",
        "scrapy.exceptions.ResponseDataLossError",
    ],
    "RETRY_GIVE_UP_LOG_LEVEL": "DEBUG",
    "REACTOR_THREADPOOL_MAXSIZE": 20,  # names are looked up in threads
    "TWISTED_DNS_RESOLVER": "scrapy.resolver.CachingHostnameResolver",
    "DEFAULT_REQUEST_HEADERS": {
        "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "Accept-Language": "vi,en;q=0.5",
    },
    "COOKIES_ENABLED": False,
    "REFERRER_POLICY": "no-referrer",
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "HTTPCACHE_ENABLED": False,
    "MEMUSAGE_ENABLED": False,  # the process has an address-space limit
    "STATS_DUMP": False,
    "LOGSTATS_INTERVAL": 0,
    "LOG_LEVEL": "WARNING",
    "LOG_VERSIONS": [],
}


def scrapy_settings(limits: Limits) -> dict[str, Any]:
    """Return the settings that make Scrapy polite and safe within `limits`.

    Certificates are verified, robots.txt obeyed, bodies bounded also after decompression,
    nothing listens (telnet, remote control), nothing is remembered (cookies, referrers),
    only http and https exist, and a delay of zero means that no politeness was asked for.
    """
    return {
        **_PARTS,
        **_ALWAYS,
        "ROUND_LIMITS": limits,
        "USER_AGENT": limits.user_agent,
        "DOWNLOAD_DELAY": limits.delay,
        "DOWNLOAD_DELAY_JITTER": 0.2 if limits.delay else 0.0,
        "CONCURRENT_REQUESTS": limits.concurrent,
        "CONCURRENT_REQUESTS_PER_DOMAIN": limits.per_host,
        "AUTOTHROTTLE_ENABLED": limits.delay > 0,
        "AUTOTHROTTLE_START_DELAY": limits.delay,
        "AUTOTHROTTLE_MAX_DELAY": max(30.0, limits.delay),
        "AUTOTHROTTLE_TARGET_CONCURRENCY": float(limits.per_host),
        "DOWNLOAD_MAXSIZE": limits.max_bytes,
        "DOWNLOAD_WARNSIZE": min(_WARN_BYTES, limits.max_bytes),
        "DOWNLOAD_TIMEOUT": limits.timeout,
        "HTTPPROXY_ENABLED": bool(limits.proxy),
        "REDIRECT_MAX_TIMES": limits.max_redirects,
    }

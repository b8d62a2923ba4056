"""Which passwords are taken: long ones that nobody tries first (OWASP ASVS 4.0.3, 2.1)."""

from __future__ import annotations

import re

from zxcvbn import zxcvbn

from config.errors import LangNgheError
from nlp.normalise import fold

SHORTEST, LONGEST = 12, 200
#: Fewer different characters than this are a key held down.
_FEWEST = 5
#: From this score of zxcvbn on a password withstands guessing without access (0 to 4); it is
#: measured on the beginning, since time grows with the square of the length.
_STRONG, _MEASURED = 3, 72
#: What people here write first, beside the lists of broken passwords that zxcvbn brings.
_COMMON = frozenset(
    "password passwd matkhau mkhau mat khau qwerty qwertyuiop asdf asdfgh asdfghjkl zxcvbn zxcvbnm"
    " admin administrator quantri root user login welcome xinchao chao letmein iloveyou anhyeuem"
    " emyeuanh langnghe vietnam bentre vinhlong abc abcd abcdef abcdefgh tinhuy ubnd".split()
)


class BadPassword(LangNgheError):
    """A password that cannot be used; says why in Vietnamese."""

    reason = "bad_password"


def check_password(password: str, login: str = "") -> None:
    """Raise `BadPassword` where a password is too short, too long, or among the first guesses.

    No kinds of characters are asked for: length does more than a mark at the end.
    """
    if len(password) < SHORTEST:
        raise BadPassword(f"Mật khẩu cần ít nhất {SHORTEST} ký tự; một câu ngắn là tốt nhất.")
    if len(password) > LONGEST:
        raise BadPassword(f"Mật khẩu dài tối đa {LONGEST} ký tự.")
    if len(set(password)) < _FEWEST:
        raise BadPassword("Mật khẩu lặp lại quá ít ký tự.")
    plain = fold(password)
    words = re.findall(r"[a-z]+", plain)
    if login and login.lower() in plain and len(words) <= 1:
        raise BadPassword("Mật khẩu không được là tên đăng nhập thêm vài ký tự.")
    common = all(word in _COMMON for word in words)  # digits and marks alone too
    guesses = zxcvbn(plain[:_MEASURED], user_inputs=[login, *_COMMON])
    if common or guesses["score"] < _STRONG:
        raise BadPassword("Mật khẩu này quá dễ đoán; hãy đặt một câu ngắn của riêng mình.")

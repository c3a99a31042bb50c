"""The key of the simulated service account, which also signs what Pub/Sub pushes.

It was made for this file and opens nothing else.
"""

from __future__ import annotations

from typing import Final

__all__ = ["KEY_ID", "PRIVATE_KEY", "PUBLIC_KEY"]

KEY_ID: Final = "5f1c0de5f1c0de5f1c0de5f1c0de5f1c0de5f1c0"

PRIVATE_KEY: Final = """\
-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC12X3zFp1UYDXe
W0TrXS/2SgbSH+1BgwxL0LT9u5a66OQFjABl8Zk5Qf/g5D0obOaxudwVyiBggXv1
S1+nCnLBLvEGQNA8swpUU8zVWfXTwfDImhA9iIIXdbQv8F0cqUK1hwMaLXOzEAjG
RE3ob+79x7OMaTlehEVCjd9KkDahOzdQ5ruKSgdZGy40+x+MrJcRCrIDATVYkNnq
CmSgned6YiHCr5BmXnea7h5FR+Ai2kCC6cmdU1T2t62ccVmIKj17SKDeDENQvh2r
DtdAJ1/DCef4LL7rsPklYe1ZSIs0L+ykLluLSkRiCiBiVX3+My92mKQb1o9qykIi
QHgSLFxHAgMBAAECggEAWPrMXZtFrWkMQrpu/SmSU9VCBCP6IBGi/R/ox7S32sok
9K/d7APtAO7R6PVVFYg/01vJnGHUONRy1oIkkiQTJYK2DeS9382Ncti0Q/rqRczC
aC22X52BZkBCRCi9Ls6FZTRkaLUvxUDFwlnesyq+CrBiIwTDvQNErn2j8iShjn8I
tByXdNfNUrwBRAO0edWEs8o38Y7HA+3AelH7OE0FfgLo7U166DwaivyTWLcSLyEl
YwIkFh1sgZyT8x+wLK67+y9n8Y53Xkkm9p60JB56BEFK4/x4P/b3nop1pD8REF/n
ousomqB8wY82g/mn+CjmzmbywIvrwLLY3UJc1uuuTQKBgQD9rrOBGu/dysQWH5aY
tbw2REhjQrSe6p71Lvikx3iyltQq3XqTCIGVYiFyqm5RMTCZWN1rp2L8AE0v8v+x
msXXRLfgie5Yr6hiYSYCAuEVrW7ahR99tarhTXNOW1yu3UfLFkUgvsFbgvEvZBeU
XQv+VO9vlPYWB4ESUw0OeGI3ZQKBgQC3gsrAiWAPgK+3E3cJJwSiliu5MD3EK9y1
/iTonrXuVFdnbaLN7M0dXk6zjcUkakQC4a0/NiW3zFkZXB85NLXh0CV4+K2vlGxm
Fxp0Rv03671Qqlghgqsbv0eMSy5CFt24j6xINVlWxG0KFSwPCDZ1wZ0Pwq1lQNuS
zsWcf8W4OwKBgQCQ92OW1JjcKsIRTm3VyIzMigq/xl/HLJY30GbAa0ja7XxDHpus
KEE8533rs98kwLJf/ztRCK91CIsTao6ZpLOIB7n4M3oj7gWQaqm4noKXy6s8brSH
Nuh2pbbNwUHen48mTAym4LtIGzTOeylKXD29UjYdkodqIVGt8g3VBhBCTQKBgCpO
j/nFcg0A6QG3DhlhEnN9VYUzNvoz9oVKmy258U2JykDBCOiasEsWA+TnSUz05ssX
Rj6teBKgnOX41AX3PftaZlk2U6yH9lmu991YxGYRBitDql/HZTVXauJQLtDzvpgf
H2PiUL9tN4o8iVTJ2uxY/6GzixAt3LFC1FIZLvcjAoGAXuVRTTX+VrWGI2uKeo3Z
B70TWPH5HFPuu6MbJmLIO/hkeXc1ikVepBhJUQKa2zUC1WOkJqFrzuoBdVO2iyh4
d/mzffSiOPeu4i90mS6scWjg1bRpFLT5Z3hf0nvqV+VFcA36+jSzankuyiiogYE0
GxG2HpjMZ2YlGDHxZX1CZ8s=
-----END PRIVATE KEY-----
"""

PUBLIC_KEY: Final = {
    "kty": "RSA",
    "alg": "RS256",
    "use": "sig",
    "kid": KEY_ID,
    "e": "AQAB",
    "n": (
        "tdl98xadVGA13ltE610v9koG0h_tQYMMS9C0_buWuujkBYwAZfGZOUH_4OQ9KGzmsbncFcogYIF79Utf"
        "pwpywS7xBkDQPLMKVFPM1Vn108HwyJoQPYiCF3W0L_BdHKlCtYcDGi1zsxAIxkRN6G_u_cezjGk5XoRF"
        "Qo3fSpA2oTs3UOa7ikoHWRsuNPsfjKyXEQqyAwE1WJDZ6gpkoJ3nemIhwq-"
        "QZl53mu4eRUfgItpAgunJnVNU9retnHFZiCo9e0ig3gxDUL4dqw7XQCdfwwnn-"
        "Cy-67D5JWHtWUiLNC_spC5bi0pEYgogYlV9_jMvdpikG9aPaspCIkB4EixcRw"
    ),
}

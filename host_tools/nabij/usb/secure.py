"""What a person would have to type for secure boot and flash encryption; nothing here does it.

eFuses burn once and cannot be put back: a wrong key or a wrong order leaves a board that never
starts again. So this only makes a list of commands.
"""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nabij.errors import UsageError

# What a MicroPython build leaves in its build folder, and where each part goes in flash.
_BOOTLOADER: Final = ("bootloader/bootloader.bin", 0x0)
_PARTITIONS: Final = ("partition_table/partition-table.bin", 0x8000)
_PROGRAM: Final = ("micropython.bin", 0x10000)
_ALL_BITS: Final = "7"


@dataclass(frozen=True)
class Step:
    """One command, why it is needed, and whether it burns eFuses: for ever."""

    why: str
    command: tuple[str, ...]
    burns: bool = False

    def text(self) -> str:
        """The command as a shell takes it."""
        return shlex.join(self.command)


def refuse_to_burn() -> UsageError:
    """What is said to who asks for it without --dry-run."""
    return UsageError(
        "nabij never burns eFuses, for nothing can take that back: add --dry-run to see the "
        "commands, and read docs/engineer/flash.md before you type any of them."
    )


def steps(
    port: str, build_folder: Path, signing_key: Path, encryption_key: Path | None
) -> list[Step]:
    """The commands, in their only safe order: everything is signed and written before a burn."""
    chip = ("--chip", "esp32s3", "--port", port)
    digest = f"{signing_key}.digest"
    found = [
        Step("see which eFuses are burnt already", ("espefuse", *chip, "summary")),
        Step(
            "a signing key, which must never be lost or leave a safe place",
            (
                *("espsecure", "generate-signing-key", "--version", "2"),
                *("--scheme", "rsa3072", str(signing_key)),
            ),
        ),
        Step(
            "the part of it that the chip will know",
            (
                *("espsecure", "digest-sbv2-public-key"),
                *("--keyfile", str(signing_key), "--output", digest),
            ),
        ),
    ]
    written: list[str] = []
    for name, address in (_BOOTLOADER, _PARTITIONS, _PROGRAM):
        file = str(build_folder / name)
        if name != _PARTITIONS[0]:
            found.append(_sign(file, signing_key))
            file = f"{file}.signed"
        written += [hex(address), file]
    if encryption_key is not None:
        found.append(
            Step(
                "an encryption key, one for each badge",
                ("espsecure", "generate-flash-encryption-key", str(encryption_key)),
            )
        )
        for index in range(0, len(written), 2):
            address_text, file = written[index : index + 2]
            found.append(_encrypt(file, address_text, encryption_key))
            written[index + 1] = f"{file}.encrypted"
    found.append(
        Step(
            "the signed parts, while the chip still takes anything",
            ("esptool", *chip, "--no-stub", "write-flash", "--force", *written),
        )
    )
    if encryption_key is not None:
        found += _burn_encryption(chip, encryption_key)
    return found + _burn_secure_boot(chip, digest)


def _sign(file: str, key: Path) -> Step:
    return Step(
        f"sign {Path(file).name}",
        (
            *("espsecure", "sign-data", "--version", "2"),
            *("--keyfile", str(key), "--output", f"{file}.signed", file),
        ),
    )


def _encrypt(file: str, address: str, key: Path) -> Step:
    return Step(
        f"encrypt {Path(file).name} for its place",
        (
            *("espsecure", "encrypt-flash-data", "--aes-xts", "--keyfile", str(key)),
            *("--address", address, "--output", f"{file}.encrypted", file),
        ),
    )


def _burn_encryption(chip: tuple[str, ...], key: Path) -> list[Step]:
    return [
        Step(
            "FOR EVER: the encryption key, which nobody can read back",
            ("espefuse", *chip, "burn-key", "BLOCK_KEY1", str(key), "XTS_AES_128_KEY"),
            burns=True,
        ),
        Step(
            "FOR EVER: the chip decrypts what it reads from flash",
            ("espefuse", *chip, "burn-efuse", "SPI_BOOT_CRYPT_CNT", _ALL_BITS),
            burns=True,
        ),
    ]


def _burn_secure_boot(chip: tuple[str, ...], digest: str) -> list[Step]:
    return [
        Step(
            "FOR EVER: the chip knows the signing key",
            ("espefuse", *chip, "burn-key", "BLOCK_KEY0", digest, "SECURE_BOOT_DIGEST0"),
            burns=True,
        ),
        Step(
            "FOR EVER: the chip starts nothing that is not signed with it",
            ("espefuse", *chip, "burn-efuse", "SECURE_BOOT_EN", "1"),
            burns=True,
        ),
    ]

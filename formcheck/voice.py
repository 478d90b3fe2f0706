"""Speech for computers whose browser has no voice: espeak-ng, where it is installed."""

from __future__ import annotations

import shutil
import struct
import subprocess
from typing import Final

from formcheck.errors import ExportError

PROGRAM: Final = "espeak-ng"
WORDS_A_MINUTE: Final = 150  # calm; its own default is 175
LONGEST_TEXT: Final = 300
WITHIN_S: Final = 20  # a busy machine needs its time; what is spoken too late the page leaves out
_HEADER: Final = 44  # bytes of a WAV file before its sound


def has_voice() -> bool:
    """Whether this computer can make speech."""
    return shutil.which(PROGRAM) is not None


def speech_wav(text: str, language: str) -> bytes:
    """A sentence as a WAV file.

    Args:
        text: what to say; what is beyond 300 characters is left out.
        language: "en" or "de".

    Raises:
        ExportError: espeak-ng is missing, failed or took too long.
    """
    command = [PROGRAM, "-v", language, "-s", str(WORDS_A_MINUTE), "--stdin", "--stdout"]
    try:
        # The text goes in by the input, where it cannot be taken for an option.
        done = subprocess.run(
            command, input=text[:LONGEST_TEXT].encode(), capture_output=True, timeout=WITHIN_S, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ExportError(f"{PROGRAM} cannot speak ({error}); install it again") from error
    return _with_lengths(done.stdout)


def _with_lengths(wav: bytes) -> bytes:
    """The file with its true lengths, which a program that writes into a pipe cannot know."""
    if len(wav) < _HEADER or wav[:4] != b"RIFF":
        raise ExportError(f"{PROGRAM} made no sound; install it again")
    return b"".join(
        (wav[:4], struct.pack("<I", len(wav) - 8), wav[8:40], struct.pack("<I", len(wav) - _HEADER), wav[44:])
    )

"""Transcode clips and sounds to formats the provider accepts; runs in the media process only.

Clips become H.264 and AAC in MP4, sounds become MP3, without tags, covers or other tracks.
Deterministic: the same file gives the same bytes.
"""

from pathlib import Path
from typing import Final

import av
from av import AudioResampler

from bot.media.child.clips import open_film
from bot.media.child.encode import encoding_errors, sync_and_rename
from bot.media.child.shrink import fit
from bot.media.errors import FitImpossible
from bot.media.file_names import rewritten_beside
from bot.rules.media import MediaKind

MAX_BYTES: Final = 95_000_000
"""Slightly below the provider's upload limit per file."""
_RATES: Final = frozenset({32_000, 44_100, 48_000})
_RATE: Final = 48_000
_SOUND_BPS: Final = 192_000
_OPTIONS: Final = {"fflags": "+bitexact", "id3v2_version": "0", "write_id3v1": "0"}


def convert(source: Path, kind: str) -> Path:
    """Transcode a clip (`video`) or sound (`audio`) and return the new path.

    Written atomically. Raises FitImpossible if it cannot be transcoded; errors of our own disk pass
    through with their `errno`.
    """
    if kind == MediaKind.VIDEO:
        target = rewritten_beside(source, "mp4")
        fit(source, target, MAX_BYTES)
        return target
    target = rewritten_beside(source, "mp3")
    part = target.with_name(target.name + ".part")
    # checked first, as FFmpeg raises the same errno for broken files
    source.stat()
    with encoding_errors(FitImpossible, part):
        _write_mp3(source, part)
        if part.stat().st_size > MAX_BYTES:
            raise FitImpossible("the sound is too long")
        sync_and_rename(part, target)
    return target


def _write_mp3(source: Path, part: Path) -> None:
    with (
        open_film(source) as reader,
        av.open(str(part), "w", format="mp3", options=dict(_OPTIONS)) as writer,
    ):
        heard = reader.streams.audio[0]
        rate = heard.rate if heard.rate in _RATES else _RATE
        layout = "mono" if heard.channels == 1 else "stereo"
        stream = writer.add_stream("mp3", rate=rate)
        stream.bit_rate = _SOUND_BPS
        stream.layout = layout
        resampler = AudioResampler(format="fltp", layout=layout, rate=rate)
        for frame in reader.decode(heard):
            frame.pts = None
            for ready in resampler.resample(frame):
                writer.mux(stream.encode(ready))
        for ready in resampler.resample(None):
            writer.mux(stream.encode(ready))
        writer.mux(stream.encode(None))

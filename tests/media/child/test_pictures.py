"""Pictures as telephones, cameras and browsers make them, each made here."""

import io
import random
import struct
import zlib
from pathlib import Path

import pillow_heif
import pytest
from PIL import ExifTags, Image, ImageCms

from bot.media.child.inspect import inspect_file
from bot.media.media_info import FaultReason, MediaFault, MediaInfo
from tests.media.films import film, picture, png, png_chunk

RED, BLUE = (220, 30, 30), (30, 30, 220)
SECRET = b"GPS 52.5200 N 13.4050 E, camera 4711"


def placed() -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = SECRET.decode()
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 0.0)
    return exif.tobytes()


def halves(width: int = 96, height: int = 64) -> Image.Image:
    """Red above, blue below: which way is up can be seen."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (0, height // 2, width, height))
    return image


def grain(width: int = 300, height: int = 200) -> Image.Image:
    return Image.frombytes(
        "RGB", (width, height), random.Random(1).randbytes(width * height * 3)
    )  # fmt: skip


def saved(image: Image.Image, form: str, **more: object) -> bytes:
    if form == "HEIF":
        pillow_heif.register_heif_opener()
    out = io.BytesIO()
    image.save(out, form, **more)
    return out.getvalue()


def inspect(folder: Path, file: bytes) -> MediaInfo | MediaFault:
    path = folder / "0"
    path.write_bytes(file)
    return inspect_file(path)


def taken(folder: Path, file: bytes) -> tuple[MediaInfo, Image.Image]:
    """What goes out of a file, which is the file to use and nothing else."""
    found = inspect(folder, file)
    assert isinstance(found, MediaInfo), found
    with Image.open(found.path) as image:
        image.load()
        assert image.format is not None
        assert image.format.lower() == found.format
        assert image.size == (found.width, found.height)
        assert not image.getexif()
        assert not {"exif", "xmp", "icc_profile", "mp", "comment"} & set(image.info)
    return found, image


def is_like(colour: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(colour, tuple)
    return all(abs(one - other) < 24 for one, other in zip(colour, wanted, strict=False))


def turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "camera"
    return exif.tobytes()


@pytest.mark.parametrize("form", ["HEIF", "AVIF", "JPEG", "WEBP", "PNG"])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_picture_is_turned_upright_exactly_once(
    form: str, orientation: int, tmp_path: Path
) -> None:
    upright = halves()
    back = {1: 0, 3: 180, 6: 90, 8: 270}[orientation]
    found, image = taken(
        tmp_path, saved(upright.rotate(back, expand=True), form, exif=turned(orientation))
    )
    assert (found.width, found.height) == (96, 64)
    pixels = image.convert("RGB")
    assert is_like(pixels.getpixel((48, 8)), RED)
    assert is_like(pixels.getpixel((48, 56)), BLUE)


@pytest.mark.parametrize("major", [b"mif1", b"msf1", b"avif", b"avis"])
def test_avif_is_known_by_any_of_its_brands(major: bytes, tmp_path: Path) -> None:
    file = bytearray(saved(halves(), "AVIF"))
    file[8:12] = major
    if major == b"avis":
        frames = [halves(), halves()]
        file = bytearray(saved(halves(), "AVIF", save_all=True, append_images=frames))
        assert file[8:12] == b"avis"
    assert taken(tmp_path, bytes(file))[0].format == "jpeg"


@pytest.mark.parametrize("major", [b"heic", b"heix", b"mif1", b"heim"])
def test_heic_is_known_by_any_of_its_brands(major: bytes, tmp_path: Path) -> None:
    file = bytearray(saved(halves(), "HEIF"))
    file[8:12] = major
    assert taken(tmp_path, bytes(file))[0].format == "jpeg"


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b"\xff\x0a", "jxl"), (b"\0\0\0\x0cJXL \r\n\x87\n", "jxl"), (b"II*\0\x10\0\0\0CR\2", "cr2"),
        (b"FUJIFILMCCD-RAW", "raf"), (b"IIRO", "orf"), (b"IIU\0", "rw2"),
        (b"\0\0\0\x18ftypcrx ", "cr3"), (b"8BPS", "psd"), (b"gimp xcf", "xcf"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told_by_its_format_and_not_called_damaged(
    head: bytes, form: str, tmp_path: Path
) -> None:
    fault = inspect(tmp_path, head + bytes(range(256)) * 4)
    assert fault == MediaFault(FaultReason.UNSUPPORTED, form)


def tiff(*pages: tuple[int, int], children: tuple[int, int] | None = None, **tags: int) -> bytes:
    """Grey pages in a row; `children` hangs under the first page; tags are of the first page."""
    out = bytearray(b"II*\0\0\0\0\0")
    link = 4
    for number, size in enumerate(pages):
        own = {int(name[1:]): value for name, value in tags.items()} if number == 0 else {}
        link = _directory(out, link, size, own, children if number == 0 else None)
    return bytes(out)


def _directory(
    out: bytearray,
    link: int,
    size: tuple[int, int],
    own: dict[int, int],
    child: tuple[int, int] | None,
) -> int:
    """Appends a page, points to it from `link`, and answers where the next one's address goes."""
    width, height = size
    strip = len(out)
    out += bytes(place % 251 for place in range(width * height)) + bytes(width * height % 2)
    entries = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 273: strip, 277: 1, 278: height}
    entries |= {279: width * height} | own
    if child:
        below = bytearray(4)
        pointer = len(out)
        out += below
        _directory(out, pointer, child, {262: 32803}, None)
        entries[330] = int.from_bytes(out[pointer : pointer + 4], "little")
    struct.pack_into("<I", out, link, len(out))
    out += struct.pack("<H", len(entries))
    for tag, value in sorted(entries.items()):
        out += struct.pack("<HHII", tag, 4, 1, value)
    out += bytes(4)
    return len(out) - 4


def test_a_tiff_with_a_preview_page_uses_its_large_page(tmp_path: Path) -> None:
    found, _ = taken(tmp_path, tiff((40, 30), (400, 300), t254=1))
    assert (found.width, found.height) == (400, 300)
    found, _ = taken(tmp_path, tiff((400, 300), (40, 30)))
    assert (found.width, found.height) == (400, 300)


def test_the_preview_of_a_raw_file_is_never_used_as_the_photo(tmp_path: Path) -> None:
    assert inspect(tmp_path, tiff((40, 30), t50706=0x01040000)) == MediaFault(
        FaultReason.UNSUPPORTED, "dng"
    )
    assert inspect(tmp_path, tiff((40, 30), children=(400, 300))) == MediaFault(
        FaultReason.UNSUPPORTED, "raw"
    )
    found = inspect(tmp_path, tiff((400, 300), t262=32803))
    assert isinstance(found, MediaFault)
    assert found.reason is FaultReason.UNSUPPORTED


def test_a_large_highly_compressed_picture_is_scaled_down(tmp_path: Path) -> None:
    found, _ = taken(tmp_path, saved(Image.new("1", (12_000, 12_000), 1), "PNG"))
    assert (found.width, found.height) == (6000, 6000)


def test_a_200_megapixel_photo_is_scaled_down(tmp_path: Path) -> None:
    found, image = taken(tmp_path, saved(halves(16_320, 12_240), "JPEG", quality=50))
    assert (found.width, found.height) == (6000, 4500)
    assert is_like(image.getpixel((100, 100)), RED)
    assert is_like(image.getpixel((100, 4400)), BLUE)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "BMP"])
@pytest.mark.parametrize("cut", [2, 40])
@pytest.mark.parametrize("look", [grain, halves])
def test_a_slightly_truncated_picture_is_accepted(
    form: str, cut: int, look: object, tmp_path: Path
) -> None:
    image = grain() if look is grain else halves(300, 200)
    file = saved(image, form)
    if len(file) < 1000 and cut > 2:
        return
    taken(tmp_path, file[:-cut])


def test_a_progressive_jpeg_without_its_end_is_accepted(tmp_path: Path) -> None:
    taken(tmp_path, saved(grain(), "JPEG", progressive=True)[:-40])


def test_real_grey_pixels_do_not_count_as_missing(tmp_path: Path) -> None:
    image = Image.new("RGB", (300, 200), (128, 128, 128))
    image.paste(RED, (0, 0, 300, 40))
    taken(tmp_path, saved(image, "JPEG")[:-2])


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "BMP"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_a_picture_with_much_missing_is_damaged(form: str, share: float, tmp_path: Path) -> None:
    file = saved(grain(), form)
    fault = inspect(tmp_path, file[: int(len(file) * share)])
    assert fault == MediaFault(FaultReason.UNREADABLE, form.lower())


def test_damage_in_ancillary_chunks_does_not_reject_the_picture(tmp_path: Path) -> None:
    rows = b"".join(b"\0" + bytes(range(16)) for _ in range(16))
    chunks = (
        png_chunk(b"tEXt", b"k\0" + SECRET)[:-1] + b"x",
        png_chunk(b"iCCP", b"broken\0\0" + b"no profile"),
        png_chunk(b"eXIf", b"\xff" * 40),
        png_chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(50_000_000), 9)),
        png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + b"x" * 5_000_000),
    )
    found, _ = taken(tmp_path, png(16, 16, *chunks, pixels=rows))
    assert found.path.read_bytes() == png(16, 16, pixels=rows)


def test_a_huge_or_broken_profile_does_not_reject_the_picture(tmp_path: Path) -> None:
    taken(tmp_path, saved(halves(), "JPEG", icc_profile=random.Random(1).randbytes(900_000)))
    taken(tmp_path, saved(halves(), "WEBP", icc_profile=b"nonsense" * 999))


def wide_gamut() -> bytes:
    """A profile in which red and blue have changed places: unlike sRGB as can be."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF", "HEIF"])
def test_other_colour_spaces_are_converted_to_srgb(form: str, tmp_path: Path) -> None:
    file = saved(halves(), form, icc_profile=wide_gamut(), quality=90)
    _, image = taken(tmp_path, file)
    assert is_like(image.convert("RGB").getpixel((48, 8)), BLUE)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_profile_that_says_srgb_changes_no_pixel(form: str, tmp_path: Path) -> None:
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    found, _ = taken(tmp_path, saved(halves(), form, icc_profile=plain))
    assert found.path.read_bytes() == saved(halves(), form)


def second_file(kind: str) -> bytes:
    return {"zip": b"PK\3\4" + SECRET, "picture": picture("JPEG"), "text": SECRET}[kind]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("kind", ["zip", "picture", "text"])
def test_a_file_appended_to_a_picture_is_dropped(form: str, kind: str, tmp_path: Path) -> None:
    hidden = second_file(kind) + SECRET
    found, _ = taken(tmp_path, saved(halves(), form) + hidden)
    assert SECRET not in found.path.read_bytes()
    if form != "GIF":
        assert found.path.read_bytes() == saved(halves(), form)


def test_the_video_of_a_motion_photo_is_dropped(tmp_path: Path) -> None:
    clip = film(tmp_path / "clip.mp4").read_bytes()
    found, _ = taken(tmp_path, saved(halves(), "JPEG") + clip)
    assert b"ftyp" not in found.path.read_bytes()


@pytest.mark.parametrize("marker", [0xE0, 0xE1, 0xE2, 0xEB, 0xED, 0xEE, 0xEF, 0xFE])
def test_application_segments_of_a_jpeg_are_dropped(marker: int, tmp_path: Path) -> None:
    file = saved(halves(), "JPEG")
    segment = struct.pack(">BBH", 0xFF, marker, len(SECRET) + 7) + b"Note\0" + SECRET
    found, _ = taken(tmp_path, file[:2] + segment + file[2:])
    assert found.path.read_bytes() == file


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF", "TIFF"])
def test_location_camera_and_xmp_are_dropped(form: str, tmp_path: Path) -> None:
    more = {} if form in {"PNG", "TIFF"} else {"xmp": b"<x>" + SECRET + b"</x>"}
    found, _ = taken(tmp_path, saved(halves(), form, exif=placed(), **more))
    out = found.path.read_bytes()
    assert SECRET not in out
    assert b"Exif" not in out


def test_a_second_picture_with_a_location_is_dropped(tmp_path: Path) -> None:
    file = saved(halves(), "MPO", save_all=True, append_images=[halves()], exif=placed())
    out = taken(tmp_path, file)[0].path.read_bytes()
    assert out.count(b"\xff\xd8\xff") == 1
    assert SECRET not in out
    assert b"MPF" not in out


@pytest.mark.parametrize("form", ["WEBP", "PNG", "GIF"])
def test_only_the_first_frame_of_an_animation_is_used(form: str, tmp_path: Path) -> None:
    others = [Image.new("RGB", (96, 64), (0, 0, shade)) for shade in (90, 180)]
    file = saved(halves(), form, save_all=True, append_images=others, duration=100)
    _, image = taken(tmp_path, file)
    assert getattr(image, "n_frames", 1) == 1
    assert is_like(image.convert("RGB").getpixel((48, 8)), RED)


def test_sixteen_bits_of_colour_become_eight(tmp_path: Path) -> None:
    rows = b"".join(b"\0" + struct.pack(">H", 0x8000) * 8 * 3 for _ in range(8))
    header = struct.pack(">IIBBBBB", 8, 8, 16, 2, 0, 0, 0)
    file = (
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")
    )  # fmt: skip
    found, image = taken(tmp_path, file)
    assert found.path.read_bytes()[24] == 8
    assert is_like(image.convert("RGB").getpixel((3, 3)), (128, 128, 128))


def test_a_palette_keeps_its_transparency(tmp_path: Path) -> None:
    image = Image.new("P", (8, 8), 1)
    image.putpalette([255, 0, 0, 0, 255, 0])
    _, out = taken(tmp_path, saved(image, "PNG", transparency=1))
    assert out.convert("RGBA").getpixel((0, 0)) == (0, 255, 0, 0)


@pytest.mark.parametrize("text", [b"BMW is a car, ", b"MAC address 1", b"ID3 is a tag,"])
def test_text_that_starts_like_a_picture_is_text(text: bytes, tmp_path: Path) -> None:
    assert inspect(tmp_path, text * 5) == MediaFault(FaultReason.NOT_MEDIA, "text")

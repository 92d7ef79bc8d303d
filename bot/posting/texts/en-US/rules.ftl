# One line for each rule a request can break. $field is the option, $value what was found there,
# $allowed what would pass, $model the model's exact name.

refused-rules = { $model } can't make this yet. Change this and send it again:
suggestion = { $model } takes it as it is: send it again with `model` set to that name.

rule-model-unknown = { $field }: there is no model { $value }. Pick one from the list that opens as you type.
rule-prompt-blank = { $field }: it is blank. Say what should happen, in { $allowed } characters.
rule-prompt-too-long = { $field }: it has { $value } characters, { $model } takes { $allowed }.
rule-duration-range = { $field }: { $value } s won't do, { $model } takes { $allowed } s.
rule-ratio-not-taken = { $field }: { $value } won't do, { $model } takes { $allowed }.
rule-resolution-not-taken = { $field }: { $value } won't do, { $model } takes { $allowed }.
rule-resolution-fixed = { $field }: { $value } won't do, { $model } always makes { $allowed }. Leave this option out.
rule-images-not-taken = Pictures: you gave { $value }, { $model } takes none.
rule-images-too-many = Pictures: you gave { $value }, { $model } takes at most { $allowed }.
rule-image-format = { $field }: { $model } takes no { $value } pictures. Send it as JPEG, PNG or WebP.
rule-frames-not-taken = First and last frame: { $model } takes neither. Send the pictures with { COMMAND("video create") }.
rule-frames-pair-needed = { $field }: { $model } takes first and last frame only together, and this one is missing.
rule-frames-and-references = First and last frame: they don't go together with other pictures, you gave { $value } of those.
rule-frame-twice = { $field }: you gave { $value } pictures for it, there is room for { $allowed }. Use either the attachment or the link.
rule-videos-not-taken = Clips: you gave { $value }, { $model } takes none.
rule-videos-too-many = Clips: you gave { $value }, { $model } takes at most { $allowed }.
rule-videos-too-long = Clips: together they last { $value } s, { $model } takes at most { $allowed } s.
rule-videos-too-large = Clips: together they have { $value }, { $model } takes at most { $allowed }.
rule-video-side = { $field }: the clip is { $value } pixels, { $model } takes a shorter side of { $allowed }.
rule-audio-not-taken = Sounds: you gave { $value }, { $model } takes none.
rule-audio-too-many = Sounds: you gave { $value }, { $model } takes at most { $allowed }.
rule-audio-in-frames = Sounds: { $model } takes none beside a first or last frame, you gave { $value }.
rule-audio-needs-visual = Sounds: { $model } takes a sound only together with a picture, a clip or a frame. Add one.
rule-references-too-many =
    { $field }: you gave { $count ->
        [one] { $count } link
       *[other] { $count } links
    }, { $model } has { $room ->
        [0] no room for more references.
        [one] room for { $room } more reference.
       *[other] room for { $room } more references.
    }
rule-asset-only = { $field }: { $model } takes no plain files or links, only reviewed assets. Give it as an `asset://` link in `links`.
rule-asset-not-taken = { $field }: { $model } takes no assets such as { $value }. Attach the file, or give an `https://` link.
rule-asset-malformed = { $field }: { $value } is no asset link. It looks like `asset://` followed by the asset's id.
rule-link-malformed = { $field }: { $value } is no link I can use. It starts with `https://` or `asset://`; put a space between links.
rule-wrong-kind =
    { $found ->
        [image] { $field }: this is a picture,
        [video] { $field }: this is a clip,
        [audio] { $field }: this is a sound,
        [none] { $field }: this is no picture, clip or sound I can read,
       *[other] { $field }: this is { $value },
    } { $wanted ->
        [image] a picture belongs here.
        [video] a clip belongs here.
        [audio] a sound belongs here.
       *[any] a picture, a clip or a sound belongs here.
    }
rule-file-unreadable = { $field }: the file is damaged or can't be opened. Save it anew, as JPEG, PNG, MP4 or MP3 for example, and send it again.
rule-file-too-large = { $field }: the file has { $value }, at most { $allowed } can be sent on. Send a smaller one.
rule-link-forbidden = { $field }: the link leads to a private address, which I never open. Give a public link, or attach the file.
rule-link-gone = { $field }: it can't be opened. Check that the link works for everybody, or attach the file.
rule-link-unreachable = A link or file couldn't be loaded: its server didn't answer. Attach the file, or try again later.
rule-other = { $field }: { $value } won't do, { $allowed } would.

rules-more =
    { $count ->
        [one] and one more thing like this
       *[other] and { $count } more things like this
    }

# Advice: the request goes ahead.

warnings-head = It goes ahead, but this may not come out well:
rule-picture-side = { $field }: the picture is { $value } pixels; { $allowed } on each side works best.
rule-picture-shape = { $field }: the picture's width is { $value } of its height; { $allowed } works best.
rule-picture-large = { $field }: the picture has { $value }; under { $allowed } works best.
rule-picture-format = { $field }: the picture is { $value }; JPEG, PNG or WebP works best.

# What a fault is about when it is no single option.

field-file = { $field } ({ $name })
field-images = pictures
field-videos = clips
field-audios = sounds
field-frames = first and last frame
field-files = files

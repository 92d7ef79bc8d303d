# One line for each rule a request can break. $field is the option, $value what was found there,
# $allowed what would pass, $model the model's exact name. Where $value or $allowed is a whole
# number, $count or $most is the same to choose a plural by; else they are 0.

refused-rules = { $model } can't make this yet. Change the following and send it again:
refused-rules-any = This can't be made yet. Change the following and send it again:
suggestion = { $model } can make it as it is: send it again with `model` set to that name.

rule-model-unknown = { $field }: there is no model called { $value }. Pick one from the list that opens as you type.
rule-prompt-blank = { $field }: this is blank. Describe what should happen, in { $allowed } characters.
rule-prompt-too-long =
    { $field }: this has { $count ->
        [one] { $count } character
       *[other] { $count } characters
    }, but { $model } takes { $allowed }.
rule-variations-too-many = { $field }: the choices in braces make { $value } videos, and at most { $allowed } are possible. Use fewer choices.
rule-variations-nested = { $field }: a choice in braces can't have another one inside. Write them side by side, or write `{ $allowed }` for a plain brace.
rule-variations-empty = { $field }: a choice in braces is empty. Write something on both sides of each `|`, or `{ $allowed }` for a plain brace.
rule-variations-unclosed = { $field }: a choice in braces isn't closed. Add the closing brace, or write `{ $allowed }` for a plain brace.
# which shot of a series a violation is about
rule-in-shot = Shot { $shot }: { $fault }
rule-duration-range =
    { $field }: { $model } makes videos of { $most ->
        [one] { $most } second
       *[other] { $allowed } seconds
    }, but this asks for { $count }.
rule-ratio-not-taken = { $field }: { $model } can't make { $value }. Choose { $allowed }.
rule-resolution-not-taken = { $field }: { $model } can't make { $value }. Choose { $allowed }.
rule-resolution-fixed = { $field }: { $model } always makes { $allowed }, so leave this option out. You chose { $value }.
rule-images-not-taken =
    Pictures: { $model } doesn't take any, and you added { $count ->
        [one] { $count } picture
       *[other] { $count } pictures
    }.
rule-images-too-many =
    Pictures: { $model } takes at most { $most ->
        [one] { $most } picture
       *[other] { $most } pictures
    }, and you added { $count }.
rule-image-format = { $field }: { $model } doesn't take { $value } pictures. Send it as JPEG, PNG or WebP.
rule-frames-not-taken = First and last frame: { $model } takes neither. Send the pictures with { COMMAND("video create") } instead.
rule-frames-pair-needed = { $field }: { $model } takes a first and last frame only together, and this one is missing.
rule-frames-first-needed = { $field }: { $model } takes a last frame only together with a first one. Add a first frame.
rule-image-side = { $field }: the picture is { $value } pixels, and { $model } needs { $allowed } on each side. Resize it.
rule-image-shape = { $field }: the picture is { $value } pixels, and { $model } needs a width of { $allowed } times the height. Crop it.
rule-asset-refused = { $field }: the provider doesn't accept this file for this model. Use another one, without real people, brands or protected characters.
rule-frames-and-references =
    First and last frame: these can't be combined with other pictures, and you added { $count ->
        [one] { $count } other picture
       *[other] { $count } other pictures
    }.
rule-frame-twice =
    { $field }: there is room for { $most ->
        [one] { $most } picture
       *[other] { $most } pictures
    }, and you added { $count }. Use either the attachment or the link.
rule-videos-not-taken =
    Clips: { $model } doesn't take any, and you added { $count ->
        [one] { $count } clip
       *[other] { $count } clips
    }.
rule-videos-too-many =
    Clips: { $model } takes at most { $most ->
        [one] { $most } clip
       *[other] { $most } clips
    }, and you added { $count }.
rule-videos-too-long = Clips: together they last { $value } s, and { $model } takes at most { $allowed } s.
rule-videos-too-large = Clips: together they are { $value }, and { $model } takes at most { $allowed }.
rule-video-side = { $field }: the clip is { $value } pixels, and { $model } needs a shorter side of { $allowed }.
rule-audio-not-taken =
    Sounds: { $model } doesn't take any, and you added { $count ->
        [one] { $count } sound
       *[other] { $count } sounds
    }.
rule-audio-too-many =
    Sounds: { $model } takes at most { $most ->
        [one] { $most } sound
       *[other] { $most } sounds
    }, and you added { $count }.
rule-audio-in-frames =
    Sounds: { $model } doesn't take any together with a first or last frame, and you added { $count ->
        [one] { $count } sound
       *[other] { $count } sounds
    }.
rule-audio-needs-visual = Sounds: { $model } takes a sound only together with a picture, a clip or a frame. Add one.
rule-references-too-many =
    { $field }: you added { $count ->
        [one] { $count } link
       *[other] { $count } links
    }, and { $model } has room for { $most ->
        [0] no more references
        [one] { $most } more reference
       *[other] { $most } more references
    }.
rule-asset-only = { $field }: { $model } takes only reviewed assets, no plain files or links. Give it as an `asset://` link in `links`.
rule-asset-not-taken = { $field }: { $model } doesn't take assets such as { $value }. Attach the file, or give an `https://` link.
rule-asset-malformed = { $field }: { $value } isn't an asset link. It looks like `asset://` followed by the asset's id.
rule-link-malformed = { $field }: { $value } isn't a link I can use. A link starts with `https://` or `asset://`; put a space or a comma between links.
rule-wrong-kind =
    { $field }: { $wanted ->
        [image] this has to be a picture,
        [video] this has to be a clip,
        [audio] this has to be a sound,
       *[any] this has to be a picture, a clip or a sound,
    } { $found ->
        [image] but it is a picture.
        [video] but it is a clip.
        [audio] but it is a sound.
        [none] but I can't read it as one.
       *[other] but it is { $value }.
    }
rule-file-unreadable = { $field }: the file is damaged or can't be opened. Save it again, for example as JPEG, PNG, MP4 or MP3, and send it again.
rule-format-not-taken = { $field }: the file's format is { $value }, which I can't use. Save or export it as JPEG, PNG, MP4 or MP3, and send that.
rule-picture-pixels = { $field }: the picture has { $value } (million pixels), at most { $allowed } of this format can be opened. Make it smaller and send it again.
rule-file-too-heavy = { $field }: opening this { $value } file takes more memory or time than I have. Make it smaller or shorter, and send it again.
rule-file-too-large = { $field }: the file is { $value }, and at most { $allowed } can be sent on. Send a smaller one.
rule-link-forbidden = { $field }: the link leads to a private address, which I never open. Give a public link, or attach the file.
rule-link-gone = { $field }: the link can't be opened. Check that it works for everybody, or attach the file.
rule-link-unreachable = A link or file couldn't be loaded because its server didn't answer. Attach the file, or try again later.
rule-member-room = Your files here have { $value }, and { $allowed } are left of what one member may use. Send smaller ones, or delete old videos of yours with **More** → **Delete** first.
rule-other = { $field }: { $value } can't be used here. Choose { $allowed }.

rules-more =
    { $count ->
        [one] and { $count } more problem like this
       *[other] and { $count } more problems like this
    }

# Advice: the request goes ahead.

warnings-head = I'm making it, but this may not come out well:
rule-picture-side = { $field }: the picture is { $value } pixels; { $allowed } on each side works best.
rule-picture-shape = { $field }: the picture's width is { $value } times its height; { $allowed } works best.
rule-picture-large = { $field }: the picture is { $value }; under { $allowed } works best.
rule-picture-format = { $field }: the picture is { $value }; JPEG, PNG or WebP works best.

# What a fault is about when it is no single option.

field-file = { $field } ({ $name })
field-images = pictures
field-videos = clips
field-audios = sounds
field-frames = first and last frame
field-files = files
field-shots = shots

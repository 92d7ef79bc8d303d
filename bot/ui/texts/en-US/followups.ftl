# Forms, and what can be done with a posted video.

button-again = Again
button-edit = Edit
button-continue = Continue
button-more = More
button-info = Info
button-copy-prompt = Copy prompt
use-model = Use { $model }

# Titles of forms, at most 45 characters.
form-title-create = Make a video
form-title-frames = Make a video from a first or last frame
form-title-edit = Change it and make it again
form-title-continue = Continue this video

# Labels, at most 45 characters.
form-prompt = Prompt
form-files = Files
form-first = First
form-last = Last
form-model = Model
form-duration = Duration
form-ratio = Ratio

# The lines below labels, at most 100 characters.
form-prompt-long = { $count } characters; these are the first 4,000. Leave it unchanged to keep the whole text.
form-files-new = Pictures, clips or sounds, in the order you want. Optional.
form-files-added =
    { $count ->
        [one] { $count } file is already attached; what you add here comes after it.
       *[other] { $count } files are already attached; what you add here comes after them.
    }
form-files-kept =
    { $count ->
        [one] { $count } file is kept. New ones replace it.
       *[other] { $count } files are kept. New ones replace them.
    }
form-files-gone = The earlier files are no longer stored. Attach them again.
form-pictures-own = In this server, only your own pictures can be used. Attach yours.
form-files-own = The earlier files belong to another member. Attach your own.
form-frame-kept = The earlier picture is kept unless you add another.
form-model-instead = { $model } can't start from a first frame alone, so another model is selected.

# Menu behind More.
more-head = What would you like to do with { $id }?
info-by = Requested by
prompt-gone = The prompt is no longer stored.
prompt-file = Here is the whole prompt.

refused-remix = In this server, only the member who requested a video can build on it. Make your own with { COMMAND("video create") }.
refused-remix-files = The files of this video belong to another member. Press **Edit** again and attach your own.
refused-files-gone = The files that { $id } was made from are no longer stored. Press **Edit** and attach the files again.
refused-continue-none = No model you can use here starts from a picture. Ask a server manager to allow one that takes a first frame.
refused-animate-none = There is no picture in this message. Use it on a message with a picture, or run { COMMAND("video create") }.
rule-kept-gone = { $field }: this file is no longer stored. Press **Edit** and attach it again.
rule-duration-no-number = { $field }: { $value } isn't a number of seconds. Enter a whole number such as 5.

# One film of several videos.
button-join = Join into one film
film-taken =
    🎞️ I'm joining { $parts ->
        [one] { $parts } video
       *[other] { $parts } videos
    } into one film. It costs nothing and will be posted here.
film-coming = 🎞️ The film that ends with { $id } is already being made. It is posted only once.
film-there = 🎞️ This film is already here: { $url }
film-ready =
    🎞️ { $user } joined { $parts ->
        [one] { $parts } video
       *[other] { $parts } videos
    } into one film.
film-by = Videos by { $users }
film-parts = Parts: { $parts }
film-alt =
    A film of { $parts ->
        [one] { $parts } video
       *[other] { $parts } videos
    }
film-delete-sure = Take this film down for good? The videos it was made from stay.
film-delete-done = 🗑️ The film is being taken down.
film-failed-part = { $user } your film ending with { $id } couldn't be made: one of its videos has been deleted or hidden.
film-failed-files = { $user } your film ending with { $id } couldn't be made: the files of its videos can't be reached any more.
film-failed-media = { $user } your film ending with { $id } couldn't be made: its { $parts } videos can't be joined. Try an earlier part, or make the last one again.
film-failed-large = { $user } your film ending with { $id } is too large for Discord here, even compressed. Press **Join into one film** under an earlier part.
film-failed-place = { $user } your film ending with { $id } is made, but I can't post it: the channel can't be reached.

refused-join-alone = This video doesn't continue another one, so there is nothing to join. Press **Continue** under a video first.
refused-join-gone = Video { $id } of this film is no longer stored, so it can't be joined.
refused-join-hidden = Video { $id } of this film was reported and is hidden. It can be joined once a moderator has approved it.
refused-join-elsewhere = The videos of this film were posted in different channels. Only videos from one channel can be joined, so that nobody gets to see more than before.
refused-join-often = You have had { $most } films joined in the last 24 hours, which is the limit. The next one can be joined { RELATIVE($frees_ms) }.
refused-join-long = This film would have { $parts } parts and { $seconds } seconds. It can have at most { $most } parts and { $longest } seconds: press **Join into one film** under an earlier part.

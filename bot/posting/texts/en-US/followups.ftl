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
form-title-frames = A video from its first or last frame
form-title-edit = Change and make it anew
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
form-prompt-long = It has { $count } characters; here are the first 4,000. Unchanged, the whole text is kept.
form-files-new = Pictures, clips or sounds, in your order; you can leave this empty.
form-files-added =
    { $count ->
        [one] { $count } file is kept already; what you add here comes after it.
       *[other] { $count } files are kept already; what you add here comes after them.
    }
form-files-kept =
    { $count ->
        [one] { $count } file is kept. New ones take its place.
       *[other] { $count } files are kept. New ones take their place.
    }
form-files-gone = The files from before aren't kept any more. Attach them again.
form-files-own = The files from before are somebody else's here. Attach your own.
form-frame-kept = The picture from before is kept unless you give another.
form-model-instead = { $model } takes no single first frame, so another model is chosen.

# Menu behind More.
more-head = What would you like to do with { $id }?
info-by = Asked for by
prompt-gone = The prompt isn't kept any more.
prompt-file = Here is the whole prompt.

refused-remix = In this server, only the member who asked for a video may go on from it. { COMMAND("video create") } makes one of your own.
refused-remix-files = The files of this video are somebody else's here. Press **Edit** again and attach your own.
refused-files-gone = What { $id } was made from isn't kept any more. Press **Edit** and attach the files again.
refused-continue-none = No model you may use here goes on from a picture. Ask someone who manages this server for one that takes a first frame.
refused-animate-none = There is no picture in this message. Use it on a message with a picture, or run { COMMAND("video create") }.
rule-kept-gone = { $field }: this file isn't kept any more. Press **Edit** and attach it again.
rule-duration-no-number = { $field }: { $value } is no number of seconds.

# One film of several videos.
button-join = Join into one film
film-taken =
    🎞️ I'm joining { $parts ->
        [one] { $parts } video
       *[other] { $parts } videos
    } into one film. It costs nothing and will be posted here.
film-coming = 🎞️ The film that ends with { $id } was asked for before. It comes only once.
film-there = 🎞️ This film is here already: { $url }
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
film-delete-sure = Take this film down for good? The videos that it was made of stay.
film-delete-done = 🗑️ The film is being taken down.
film-failed-part = { $user } The film that should end with { $id } can't be made: one of its videos was deleted or hidden meanwhile.
film-failed-files = { $user } The film that should end with { $id } can't be made: the files of its videos can't be reached any more.
film-failed-media = { $user } The film that should end with { $id } can't be made: its { $parts } videos can't be put together. Try an earlier part, or make the last one again.
film-failed-large = { $user } The film that should end with { $id } is too large: Discord takes it in no size here. Press **Join into one film** under an earlier part.
film-failed-place = { $user } The film that should end with { $id } is made, but I can't post it: the channel can't be reached.

refused-join-alone = This video continues no other, so there is nothing to join. Press **Continue** under a video first.
refused-join-gone = Video { $id } of this film isn't kept any more, so it can't be joined.
refused-join-hidden = Video { $id } of this film was reported and is hidden. It can be joined once a moderator has let it stay.
refused-join-elsewhere = The videos of this film were posted in different channels. Only videos of one channel can be joined, so that nobody sees more than before.
refused-join-often = You have had { $most } films joined in the last 24 hours, which is the limit. The next one can be joined { RELATIVE($frees_ms) }.
refused-join-long = This film would have { $parts } parts and { $seconds } seconds. It can have at most { $most } parts and { $longest } seconds: press **Join into one film** under an earlier part.

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

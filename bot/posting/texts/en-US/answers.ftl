# Private answers.

# To /video create and /video frames.
taken = **On its way!** I'll mention you here when your video is ready.
taken-held = **Taken.** A moderator looks at it first; I'll mention you when it goes on.
taken-cost = It costs { $price }.
taken-left =
    { $left ->
        [0] That was your last one for now.
        [one] You can ask for { $left } more right now.
       *[other] You can ask for { $left } more right now.
    }
taken-first = First time here? Your prompt and files go to the video provider, and you need the right to use them. { COMMAND("video help") } tells more.

# To /video cancel and the Cancel button.
cancelled = { $id } is cancelled. It doesn't count.
cancelled-running = { $id } is cancelled. It was being made already, so the video is thrown away and nothing comes back.

# To /video list.
list-title = Your videos
list-empty = You haven't asked for a video here yet. { COMMAND("video create") } makes your first one.
list-item = { $id } · { $state } · { RELATIVE($ms) }
list-video = [Watch it]({ $url })
list-queue =
    { $position ->
        [1] next in the queue
       *[other] place { $position } in the queue
    }
list-footer = { COMMAND("video show") } tells all about one, { COMMAND("video cancel") } stops one.

state-draft = waiting for you
state-held = waiting for a moderator
state-queued = queued
state-submitting = starting
state-running =
    { $progress ->
        [0] being made
       *[other] being made, { $progress } %
    }
state-rendered = done, being posted
state-reviewing = done, waiting for a moderator
state-posted = posted
state-failed = failed
state-rejected = declined
state-cancelled = cancelled
state-uncertain = uncertain

# To /video show.
show-title = Video { $id }
show-state = State
show-settings = Settings
show-files = Files
show-asked = Asked for
show-when = { MOMENT($ms) }
show-cost = Cost
show-file = { $role ->
    [first] first frame
    [last] last frame
   *[reference] { $kind ->
        [image] picture
        [video] clip
        [audio] sound
       *[other] file
    }
} { $name }

# To /video models.
models-title = Models you can use here
models-page = Page { $page } of { $pages }
models-none = No model may be used here yet. Ask someone who manages this server.
models-default = default
models-takes = **Takes:** { $takes }
models-length = **Length:** { $length }
models-resolution =
    { $count ->
        [one] **Resolution:** { $default }
       *[other] **Resolution:** { $names }; { $default } unless you choose
    }
models-shape = **Shape:** { $shapes }
models-price = **Price:** { $price }
model-length = { $range } s
model-images =
    { $count ->
        [0] no pictures
        [one] { $count } picture
       *[other] up to { $count } pictures
    }
model-frames =
    { $takes ->
        [pair] first and last frame together
       *[single] first and last frame
    }
model-videos =
    { $count ->
        [one] { $count } clip
       *[other] up to { $count } clips
    }
model-audios =
    { $count ->
        [one] { $count } sound
       *[other] up to { $count } sounds
    }
model-assets-only = only `asset://` references
model-assets-too = `asset://` references too
model-price-task = { $price } a video
model-price-second = { $price } a second
model-price-resolution = { $resolution }: { $price } a second

# When to use which family, or which model of it; what has no line is shown without one.
family-fast-i2v = To bring pictures to life quickly: the simplest choice.
family-std = For most things: pictures, clips and sound in one video.
family-md = For pictures and clips where no sound is needed.
family-sp-economy = To choose the resolution yourself; sound goes with a picture.
family-sp-official = Like SP economy, by the provider's official route.
family-mini = For drafts and first tries: small and light.
family-mini-special = For many tries: small and light, at one price a video.
family-full = For the finest quality, from reviewed assets.
family-full-video = For the finest quality with clips, from reviewed assets.
when-seedance2-0-fast-md = Like MD, for when you would rather not wait.
when-seedance2-0-fast-sp = Like SP economy but without clips, for when you would rather not wait.
when-seedance2-0-of-fast-sp = Like SP official, for when you would rather not wait.
when-sd2-mx-fast-720p = For fine quality from reviewed assets with a shorter wait.
when-sd2-mx-fast-1080p = { when-sd2-mx-fast-720p }
when-sd2-mx-video-fast-720p = For fine quality with clips from reviewed assets with a shorter wait.
when-sd2-mx-video-fast-1080p = { when-sd2-mx-video-fast-720p }

# To /video help.
help-title = How it works
help-start = **Start:** { COMMAND("video create") } with a prompt, and pictures if you like. { COMMAND("video frames") } makes a video from a first to a last frame.
help-wait = **Wait:** a card in the channel shows how far it is. I mention you when the video is there, usually within minutes.
help-own = **Yours:** { COMMAND("video list") } shows your videos, { COMMAND("video cancel") } stops one. Cancelling one that is being made already gives nothing back.
help-models = **Models:** { COMMAND("video models") } tells what each one takes. Without a choice I use `{ $model }`.
help-moderators = **Moderators:** { COMMAND("videomod queue") } shows what waits. Discord shows `/videomod` to who has Manage Messages; a manager opens it to another role in Server Settings → Integrations → me.
help-data = **Your data:** prompts and files are sent to the video provider to make the video. Use only what you have the right to use, and no pictures of people who haven't agreed.
help-ai = **Made by AI:** every video says so.
help-privacy = [Privacy]({ $url })
help-terms = [Terms]({ $url })

# Buttons.
button-cancel = Cancel
button-next = Next
button-start-with = Use

# Private answers.

# To /video create and /video frames.
taken = **On its way!** I'll mention you here when your video is ready.
taken-held = **Sent for review.** A moderator checks it first; I'll mention you when there is news.
taken-auditing = The provider checks your files first, usually within two minutes. Cancelling is free until then.
taken-waits = **Queued.** I'll mention you here when your video is ready.
taken-before = You already requested this one. Now: **{ $state }**.
taken-variations = **{ $count } videos are on their way.** I'll mention you here for each.
variations-item = { $id } · { $state }
taken-cost-all = Together they cost { $price }.
taken-cost = It costs { $price }.
taken-left =
    { $left ->
        [0] That was your last video for now.
        [one] You can make { $left } more video right now.
       *[other] You can make { $left } more videos right now.
    }
taken-first = First time here? Your prompt and files go to the video provider, so only use what you have the right to use. More in { COMMAND("video help") }.

# To /video cancel and the Cancel button.
cancelled = { $id } is cancelled. It doesn't count.
cancelled-running = { $id } is cancelled. It was already being made, so the video is discarded and still counts.

# To /video list.
list-title = Your videos
list-empty = You haven't made a video here yet. Start with { COMMAND("video create") }.
list-item = { $id } · { $state } · { RELATIVE($ms) }
list-video = [Watch]({ $url })
list-queue =
    { $position ->
        [1] next in the queue
       *[other] number { $position } in the queue
    }
list-footer = { COMMAND("video show") } shows the details of one, { COMMAND("video cancel") } cancels one.

state-draft = waiting for you
state-held = waiting for a moderator
state-auditing = files being checked
state-queued = queued
state-submitting = starting
state-running =
    { $progress ->
        [0] being made
       *[other] being made, { $progress }%
    }
state-rendered = done, being posted
state-reviewing = done, waiting for a moderator
state-posted = posted
state-failed = failed
state-rejected = rejected
state-cancelled = cancelled
state-uncertain = uncertain

# To /video show.
show-title = Video { $id }
show-state = Status
show-settings = Settings
show-files = Files
show-asked = Requested
show-when = { MOMENT($ms) }
show-cost = Cost
show-cost-billed = { $price }, as the provider billed
show-cost-price = { $price } by price; the provider has said no cost yet
show-cost-nothing = nothing: it failed, and the provider didn't bill it
show-kept = Discord won't accept it. [Watch or save it here]({ $url }) within three days.
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
models-none = No model is available here yet. Ask a server manager.
models-default = default
models-choice = The best for each purpose. Press **Next** to see all { $count } models.
models-hint = -# At most: 🖼️ pictures · 🎬 clips · 🔊 sounds. ⏮️ first or last frame · ⏮️⏭️ only both · 🔎 files checked by the provider first · 🔒 `asset://` links only
models-use = Make a video with…
purpose-start = Default
purpose-cheap = Lowest price
purpose-sound = With sound
purpose-clips = With clips
purpose-quality = Highest resolution
purpose-longest = Longest videos
purpose-other = Another kind
model-length = { $range } s
model-images =
    { $count ->
        [0] no pictures
        [one] { $count } picture
       *[other] { $count } pictures
    }
model-frames =
    { $takes ->
        [pair] first + last frame
        [first] first frame, with or without last
       *[single] first/last frame
    }
model-videos =
    { $count ->
        [one] { $count } clip
       *[other] { $count } clips
    }
model-audios =
    { $count ->
        [one] { $count } sound
       *[other] { $count } sounds
    }
model-assets-only = `asset://` links only
model-assets-too = `asset://` links
model-reviewed = files checked by the provider first
model-price-task = { $price } per video
model-price-second = { $price } per second
model-price-resolution = { $resolution }: { $price } per second
model-price-resolution-task = { $resolution }: { $price } per video
model-price-clips = with clips: { $price }

# When to use which family, or which model of it; what has no line is shown without one.
family-fast-i2v = Brings pictures to life quickly. The simplest choice.
family-std = For almost everything: pictures, clips and sound in one video.
family-md = For pictures and clips, without sound.
family-sp-economy = Lets you choose the resolution. Sound needs a picture or clip beside it.
family-sp-official = Like SP economy, over the provider's official route.
family-mini = Small and light, for drafts and first tries.
when-seedance2-0-mini-video = Like Mini, and takes clips.
family-mini-special = Small and light, at one price per video: good for many tries.
family-full = The finest quality. The provider checks your files first.
family-full-video = The finest quality, with clips. The provider checks your files first.
when-seedance2-0-fast-md = Like MD, but faster.
when-seedance2-0-fast-sp = Like SP economy, but faster and without clips.
when-seedance2-0-of-fast-sp = Like SP official, but faster.
when-sd2-mx-fast-720p = Fine quality with a shorter wait. The provider checks your files first.
when-sd2-mx-fast-1080p = { when-sd2-mx-fast-720p }
when-sd2-mx-video-fast-720p = Fine quality with clips and a shorter wait. The provider checks your files first.
when-sd2-mx-video-fast-1080p = { when-sd2-mx-video-fast-720p }

# To /video help.
help-title = How it works
help-start = **Make a video**
    - { COMMAND("video create") }: a prompt, and pictures, clips or sounds if you like.
    - { COMMAND("video frames") }: from a first to a last frame.
    - { COMMAND("video series") }: two to six shots, one after the other, as one film.
    - On a message with a picture: Apps → **Animate**.
help-models = - { COMMAND("video models") } helps you choose a model. If you don't, I use `{ $model }`.
help-wait = **While it is being made**
    - A card shows the progress. I mention you when it is ready, usually within minutes.
    - { COMMAND("video list") } and { COMMAND("video show") }: your videos.
    - { COMMAND("video cancel") }: cancels one. If it is already being made, it still counts.
    - { COMMAND("quota") }: what you have used, what is left, and when the next one frees up.
help-buttons = **Under a finished video**
    - **Again** makes it once more.
    - **Edit** lets you change it first.
    - **Continue** makes the next one, starting from its last frame.
    - **Join into one film** puts continued videos together.
    - **More**: **Info**, **Copy prompt**, **Report**, **Delete**.
help-extras = **More ways**
    - Choices in braces: `{"{"}red|blue{"}"} car` in a prompt makes a video of each.
    - **Make mine** under a template: add the words or the picture it asks for. `template` of { COMMAND("video create") } does the same.
    - ⭐ under a video is your vote, where the server has a showcase. { COMMAND("video top") } lists the best.
    - **Appeal** in the message about a rejection: another moderator decides, once.
help-moderators = **For moderators**
    - { COMMAND("videomod queue") } shows what is waiting.
    - Discord shows `/videomod` to people with Manage Messages. A manager can open it to another role in Server Settings → Integrations.
help-data = **Your data and the rules**
    - Prompts and files are sent to the video provider to make the video.
    - Only use what you have the right to use, and no pictures of people who haven't agreed.
    - Every video is marked as made by AI.
    - { COMMAND("video mydata") }: export or delete what I store about you.
help-privacy = [Privacy]({ $url })
help-terms = [Terms]({ $url })

# Buttons.
button-cancel = Cancel
button-next = Next

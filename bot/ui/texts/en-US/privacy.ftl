# /video mydata.

command-video-mydata = mydata
    .description = What is stored about you: export or delete it

mydata-title = What I store about you
mydata-stored = **{ $requests ->
        [one] One request
       *[other] { $requests } requests
    }** in { $servers ->
        [one] one server
       *[other] { $servers } servers
    } since { MOMENT($ms) }: prompts, settings and states, { $files ->
        [0] no files of yours
        [one] one file of yours
       *[other] { $files } files of yours
    }, and { $videos ->
        [0] no posted videos
        [one] one posted video
       *[other] { $videos } posted videos
    }.
mydata-nothing = I store no requests of yours.
mydata-kept =
    { $count ->
        [one] One usage record is kept, without content.
       *[other] { $count } usage records are kept, without content.
    }
mydata-retention =
    { $days ->
        [one] This server keeps prompts and files for one day, then they are removed automatically.
       *[other] This server keeps prompts and files for { $days } days, then they are removed automatically.
    }
mydata-buttons = **Export** sends you all of it as a file. **Delete** removes your prompts, files and videos in every server I'm in and takes posted videos down.
mydata-exported = Here is everything I store about you.
mydata-exported-part =
    { $count ->
        [one] Here is the newest of what I store about you. Discord takes no larger file, so your oldest request is left out. Ask this bot's owner for it.
       *[other] Here is the newest of what I store about you. Discord takes no larger file, so your { $count } oldest requests are left out. Ask this bot's owner for those.
    }
mydata-sure = **Delete your data?** Prompts, files and videos are removed and posted videos taken down, in every server I'm in. { $unfinished ->
        [0] None of your videos are in progress.
        [one] One video in progress is cancelled; if it is already being made, it still counts.
       *[other] { $unfinished } videos in progress are cancelled; those already being made still count.
    } Usage, blocks and moderators' decisions are kept under a code instead of your name while they are in force; your remaining quota doesn't change. This can't be undone.
mydata-deleted = ✅ Deleted. { $count ->
        [0] No videos were in progress.
        [one] One video in progress was cancelled.
       *[other] { $count } videos in progress were cancelled.
    } Posted videos are taken down within a minute.

button-export = Export

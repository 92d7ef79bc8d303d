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
        [one] One line of the accounts says what was used, without content.
       *[other] { $count } lines of the accounts say what was used, without content.
    }
mydata-retention =
    { $days ->
        [one] This server keeps prompts and files for one day; then they are removed by themselves.
       *[other] This server keeps prompts and files for { $days } days; then they are removed by themselves.
    }
mydata-buttons = **Export** gives you all of it as a file. **Delete** removes prompts, files and videos, in every server I'm in, and takes posted videos down.
mydata-exported = Here is all that I store about you.
mydata-sure = **Delete your data?** Prompts, files and videos are removed and posted videos taken down, in every server I'm in. { $unfinished ->
        [0] Nothing of yours is under way.
        [one] One video under way is cancelled, and what is being made already isn't given back.
       *[other] { $unfinished } videos under way are cancelled, and what is being made already isn't given back.
    } What was used, blocks and moderators' decisions stay under a code in place of your name as long as they count; what you may still ask for doesn't change. This can't be undone.
mydata-deleted = ✅ Deleted. { $count ->
        [0] Nothing was under way.
        [one] One video under way was cancelled.
       *[other] { $count } videos under way were cancelled.
    } Posted videos go within a minute.

button-export = Export

# To /video stats.

command-video-stats = stats
    .description = A chart of this server's videos, or of your own

stats-title =
    { $whose ->
        [mine] Your videos here
       *[server] Videos of this server
    }, { $days ->
        [one] today
       *[other] the last { $days } days
    }
stats-empty =
    { $whose ->
        [mine] You haven't made a video here in this time. Make one with { COMMAND("video create") }.
       *[server] Nobody has made a video here in this time. Be the first: { COMMAND("video create") }.
    }
stats-total =
    { $asked ->
        [one] **One request:** { $posted } posted, { $failed } failed, { $other } other.
       *[other] **{ $asked } requests:** { $posted } posted, { $failed } failed, { $other } other.
    }
stats-busiest = **Busiest day:** { $date }, { $count ->
        [one] one request
       *[other] { $count } requests
    }.
stats-wait =
    { $count ->
        [one] **Waiting time:** { $half }.
       *[other] { $spread ->
            [none] **Waiting time:** 9 of 10 within { $most }.
           *[some] **Waiting time:** half within { $half }, 9 of 10 within { $most }.
        }
    }
stats-models = **Models:** { $models }.
stats-model = { $model } { $count }
stats-model-rest = others { $count }
stats-key = Days are in UTC. Other: cancelled, rejected, uncertain or in progress.
stats-no-chart = The chart can't be drawn right now; the figures are all here.
stats-alt =
    { $whose ->
        [mine] Chart of your requests by day
       *[server] Chart of the server's requests by day
    } from { $first } to { $last }: { $posted } posted, { $failed } failed, { $other } other; most on { $busiest }: { $most }. { $waits ->
        [yes] Below it how long videos took by day: half of all within { $half }, 9 of 10 within { $long }. { "" }
       *[no] { "" }
    }At the bottom the requests of each model: { $models }.
chart-waits =
    { $unit ->
        [seconds] Waiting time in seconds
        [minutes] Waiting time in minutes
       *[hours] Waiting time in hours
    }
chart-half = half
chart-most = 9 of 10
chart-models = Requests by model
chart-models-rest = other models

button-stats-mine = Mine
button-stats-server = Server

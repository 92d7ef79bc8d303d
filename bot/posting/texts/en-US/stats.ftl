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
        [one] **Waiting:** the posted video was there after { $half }.
       *[other] { $spread ->
            [none] **Waiting:** 9 of 10 posted videos were there within { $most }.
           *[some] **Waiting:** half of the posted videos were there within { $half }, 9 of 10 within { $most }.
        }
    }
stats-models = **Models:** { $models }.
stats-model = { $model } { $count }
stats-model-rest = others { $count }
stats-key =
    { $waits ->
        [yes] In the chart, from the top: requests by day in UTC (plain: posted, striped: failed, dotted: other); how long videos took, by day (plain: half of them, striped: 9 of 10); models.
       *[no] In the chart, from the top: requests by day in UTC (plain: posted, striped: failed, dotted: other); models.
    } Other: cancelled, declined, uncertain or under way.
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
        [seconds] Seconds to the video
        [minutes] Minutes to the video
       *[hours] Hours to the video
    }
chart-half = half
chart-most = 9 of 10
chart-models = Requests by model
chart-models-rest = other models

button-stats-mine = Mine
button-stats-server = Server

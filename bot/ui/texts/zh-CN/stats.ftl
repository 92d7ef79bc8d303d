command-video-stats = 统计
    .description = 本服务器或你自己的视频图表

stats-title =
    { $whose ->
        [mine] 你在这里的视频
       *[server] 本服务器的视频
    }（{ $days ->
        [1] 今天
       *[other] 最近 { $days } 天
    }）
stats-empty =
    { $whose ->
        [mine] 这段时间你在这里还没有制作过视频。用 { COMMAND("video create") } 制作一个吧。
       *[server] 这段时间这里还没有人制作过视频。来制作第一个吧：{ COMMAND("video create") }。
    }
stats-total = **{ $asked } 个请求：**已发布 { $posted } 个，失败 { $failed } 个，其他 { $other } 个。
stats-busiest = **最多的一天：**{ $date }，{ $count } 个请求。
stats-wait =
    { $count ->
        [1] **等待时间：**{ $half }。
       *[other] { $spread ->
            [none] **等待时间：**九成在 { $most }内。
           *[some] **等待时间：**一半在 { $half }内，九成在 { $most }内。
        }
    }
stats-models = **模型：**{ $models }。
stats-model = { $model } { $count } 次
stats-model-rest = 其余 { $count } 次
stats-key = 日期按 UTC 计算。其他：已取消、已拒绝、不确定或正在进行。
stats-no-chart = 暂时无法生成图表，数据都在这里。
stats-alt =
    { $whose ->
        [mine] 你每日请求的图表
       *[server] 本服务器每日请求的图表
    }，从 { $first } 到 { $last }：已发布 { $posted }，失败 { $failed }，其他 { $other }；最多的一天是 { $busiest }：{ $most }。{ $waits ->
        [yes] 其下是每日视频用时：总体上一半在 { $half }内，九成在 { $long }内。
       *[no] { "" }
    }最下面是各模型的请求数：{ $models }。
chart-waits =
    { $unit ->
        [seconds] 视频用时（秒）
        [minutes] 视频用时（分钟）
       *[hours] 视频用时（小时）
    }
chart-half = 一半
chart-most = 九成
chart-models = 各模型的请求
chart-models-rest = 其余模型

button-stats-mine = 我的
button-stats-server = 服务器

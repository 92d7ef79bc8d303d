# /video mydata。

command-video-mydata = 我的数据
    .description = 我保存了你的哪些数据：导出或删除

mydata-title = 我保存的你的数据
mydata-stored = 自 { MOMENT($ms) } 起，在 { $servers } 个服务器里有 **{ $requests } 个请求**，包括提示词、设置和状态，{ $files ->
        [0] 没有你的文件
       *[other] 你的 { $files } 个文件
    }，{ $videos ->
        [0] 没有已发布的视频
       *[other] 以及 { $videos } 个已发布的视频
    }。
mydata-nothing = 我没有保存你的任何请求。
mydata-kept = 另有 { $count } 条用量记录，不含内容。
mydata-retention = 本服务器将提示词和文件保留 { $days } 天，之后自动清除。
mydata-buttons = **导出**会把全部数据以文件形式发给你。**删除**会在我所在的所有服务器里清除你的提示词、文件和视频，并撤下已发布的视频。
mydata-exported = 这是我保存的你的全部数据。
mydata-exported-part = 这是我保存的你的较新数据。Discord 不接受更大的文件，因此未包含最早的 { $count } 个请求；如需这部分，请联系机器人所有者。
mydata-sure = **要删除你的数据吗？**在我所在的所有服务器里，提示词、文件和视频都会清除，已发布的视频会被撤下。{ $unfinished ->
        [0] 你没有进行中的视频。
       *[other] { $unfinished } 个进行中的视频会被取消，已开始制作的不退还额度。
    }用量、封禁和版主的决定在有效期内会以代号代替你的姓名保留；你的剩余额度不变。此操作无法撤销。
mydata-deleted = ✅ 已删除。{ $count ->
        [0] 没有进行中的视频。
       *[other] { $count } 个进行中的视频已取消。
    }已发布的视频会在一分钟内撤下。

button-export = 导出

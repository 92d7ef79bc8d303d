# 仅本人可见的回复。

taken = **已接收！**视频做好后我会在这里提到你。
taken-held = **已接收。**版主会先看一下，继续时我会提到你。
taken-cost = 费用为 { $price }。
taken-left =
    { $left ->
        [0] 这是你目前的最后一个名额。
       *[other] 你现在还可以再请求 { $left } 个。
    }
taken-first = 第一次使用？你的提示词和文件会发送给视频供应商，你需要有使用它们的权利。详情见 { COMMAND("video help") }。

cancelled = { $id } 已取消，不计入次数。
cancelled-running = { $id } 已取消。它已经在制作，所以视频会被丢弃，次数不退还。

list-title = 你的视频
list-empty = 你还没有在这里请求过视频。用 { COMMAND("video create") } 做第一个吧。
list-item = { $id } · { $state } · { RELATIVE($ms) }
list-video = [观看]({ $url })
list-queue =
    { $position ->
        [1] 排在下一个
       *[other] 排在第 { $position } 位
    }
list-footer = { COMMAND("video show") } 查看某个视频的全部信息，{ COMMAND("video cancel") } 取消某个视频。

state-draft = 等你回复
state-held = 等待版主审核
state-queued = 排队中
state-submitting = 正在开始
state-running =
    { $progress ->
        [0] 制作中
       *[other] 制作中，{ $progress }%
    }
state-rendered = 做好了，正在发布
state-reviewing = 做好了，等待版主审核
state-posted = 已发布
state-failed = 失败
state-rejected = 未通过
state-cancelled = 已取消
state-uncertain = 不确定

show-title = 视频 { $id }
show-state = 状态
show-settings = 设置
show-files = 文件
show-asked = 请求时间
show-when = { MOMENT($ms) }
show-cost = 费用
show-file = { $role ->
    [first] 首帧
    [last] 尾帧
   *[reference] { $kind ->
        [image] 图片
        [video] 视频片段
        [audio] 音频
       *[other] 文件
    }
} { $name }

models-title = 这里可以使用的模型
models-page = 第 { $page } 页，共 { $pages } 页
models-none = 这里还没有可用的模型。请联系服务器管理员。
models-default = 默认
models-takes = **可用素材：**{ $takes }
models-length = **时长：**{ $length }
models-resolution =
    { $count ->
        [1] **分辨率：**{ $default }
       *[other] **分辨率：**{ $names }，不选为 { $default }
    }
models-shape = **画幅：**{ $shapes }
models-price = **价格：**{ $price }
model-length = { $range } 秒
model-images =
    { $count ->
        [0] 不接受图片
       *[other] 最多 { $count } 张图片
    }
model-frames =
    { $takes ->
        [pair] 首帧和尾帧须一起给
       *[single] 首帧、尾帧
    }
model-videos = 最多 { $count } 个片段
model-audios = 最多 { $count } 个音频
model-assets-only = 仅 `asset://` 素材
model-assets-too = 也接受 `asset://` 素材
model-price-task = 每个视频 { $price }
model-price-second = 每秒 { $price }
model-price-resolution = { $resolution }：每秒 { $price }

family-fast-i2v = 想让图片快速动起来时用它，最简单。
family-std = 大多数情况都合适：图片、片段和音频可以一起用。
family-md = 有图片和片段、不需要声音时用它。
family-sp-economy = 想自己选分辨率时用它；音频须配合图片。
family-sp-official = 与 SP economy 相同，走供应商的官方线路。
family-mini = 适合打草稿和初次尝试，轻巧。
family-mini-special = 适合多次尝试，轻巧，每个视频一个价。
family-full = 追求最佳画质、使用审核过的素材时用它。
family-full-video = 追求最佳画质、要用片段和审核过的素材时用它。
when-seedance2-0-fast-md = 与 MD 相同，不想久等时用它，做得更快。
when-seedance2-0-fast-sp = 与 SP economy 相同但不接受片段，做得更快。
when-seedance2-0-of-fast-sp = 走供应商的官方线路，做得更快。
when-sd2-mx-fast-720p = 用审核过的素材，画质好，做得更快。
when-sd2-mx-fast-1080p = { when-sd2-mx-fast-720p }
when-sd2-mx-video-fast-720p = 用片段和审核过的素材，画质好，做得更快。
when-sd2-mx-video-fast-1080p = { when-sd2-mx-video-fast-720p }

help-title = 使用方法
help-start = **开始：**用 { COMMAND("video create") } 写下提示词，也可以附上图片。{ COMMAND("video frames") } 从首帧到尾帧制作视频。
help-wait = **等待：**频道里的卡片会显示进度。视频做好后我会提到你，通常几分钟内完成。
help-own = **你的视频：**{ COMMAND("video list") } 列出你的视频，{ COMMAND("video cancel") } 可以取消。已经在制作的视频取消后不退还次数。
help-models = **模型：**{ COMMAND("video models") } 说明每个模型接受什么。不选时我使用 `{ $model }`。
help-moderators = **版主：**{ COMMAND("videomod queue") } 显示等待审核的内容。Discord 默认只向有「管理消息」权限的人显示 `/videomod`；管理员可在服务器设置 → 整合 → 我 中向其他身份组开放。
help-data = **你的数据：**提示词和文件会发送给视频供应商来制作视频。只使用你有权使用的内容，不要使用未经本人同意的人物图片。
help-ai = **由 AI 生成：**每个视频都会注明。
help-privacy = [隐私]({ $url })
help-terms = [条款]({ $url })

button-cancel = 取消
button-next = 下一页
button-start-with = 使用

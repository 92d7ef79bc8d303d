# 仅本人可见的回复。

taken = **已提交！**视频做好后，我会在这里 @你。
taken-held = **已提交审核。**版主会先审核，有结果时我会 @你。
taken-auditing = 供应商会先审核你的文件，通常两分钟内完成；在此之前取消不会消耗额度。
taken-waits = **已加入队列。**视频做好后，我会在这里 @你。
taken-before = 你已经提交过这个请求，目前状态：**{ $state }**。
taken-variations = **{ $count } 个视频已提交！**每一个有结果时，我都会在这里 @你。
variations-item = { $id } · { $state }
taken-cost-all = 费用共 { $price }。
taken-cost = 费用：{ $price }。
taken-left =
    { $left ->
        [0] 这是你目前能制作的最后一个视频。
       *[other] 你现在还可以制作 { $left } 个视频。
    }
taken-first = 第一次使用？提示词和文件会发送给视频供应商，请只使用你有权使用的内容。详情见 { COMMAND("video help") }。

cancelled = { $id } 已取消，不占用额度。
cancelled-running = { $id } 已取消。由于已经开始制作，视频会作废，额度不退还。

list-title = 你的视频
list-empty = 你还没有在这里制作过视频。用 { COMMAND("video create") } 制作第一个吧。
list-item = { $id } · { $state } · { RELATIVE($ms) }
list-video = [观看]({ $url })
list-queue =
    { $position ->
        [1] 下一个就轮到你
       *[other] 排在第 { $position } 位
    }
list-footer = 用 { COMMAND("video show") } 查看视频详情，用 { COMMAND("video cancel") } 取消视频。

state-draft = 等你确认
state-held = 等待版主审核
state-auditing = 文件审核中
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
state-rejected = 已拒绝
state-cancelled = 已取消
state-uncertain = 不确定

show-title = 视频 { $id }
show-state = 状态
show-settings = 设置
show-files = 文件
show-asked = 提交时间
show-when = { MOMENT($ms) }
show-cost = 费用
show-cost-billed = { $price }（供应商实际收费）
show-cost-price = { $price }（按价格；供应商还没有给出费用）
show-cost-nothing = 免费：制作失败，供应商没有收费
show-kept = Discord 拒收这个视频。请在三天内[观看或保存]({ $url })。
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
models-choice = 按用途推荐的模型。点**下一页**查看全部 { $count } 个模型。
models-hint = -# 最多：🖼️ 图片 · 🎬 视频片段 · 🔊 音频。⏮️ 首帧或尾帧 · ⏮️⏭️ 须首尾帧一起 · 🔎 文件先由供应商审核 · 🔒 仅 `asset://` 链接
models-use = 用这个模型制作视频……
purpose-start = 默认
purpose-cheap = 价格最低
purpose-sound = 支持音频
purpose-clips = 支持视频片段
purpose-quality = 分辨率最高
purpose-longest = 时长最长
purpose-other = 其他类型
model-length = { $range } 秒
model-images =
    { $count ->
        [0] 不支持图片
       *[other] { $count } 张图片
    }
model-frames =
    { $takes ->
        [pair] 首帧 + 尾帧
        [first] 首帧，可加尾帧
       *[single] 首帧/尾帧
    }
model-videos = { $count } 个视频片段
model-audios = { $count } 个音频
model-assets-only = 仅 `asset://` 链接
model-assets-too = `asset://` 链接
model-reviewed = 文件先由供应商审核
model-price-task = 每个视频 { $price }
model-price-second = 每秒 { $price }
model-price-resolution = { $resolution }：每秒 { $price }
model-price-resolution-task = { $resolution }：每个视频 { $price }
model-price-clips = 使用视频片段时：{ $price }

family-fast-i2v = 让图片快速动起来，最简单的选择。
family-std = 适合大多数情况：图片、视频片段和音频可以一起用。
family-md = 适合使用图片和视频片段、不需要声音的情况。
family-sp-economy = 可以自选分辨率；音频须与图片或视频片段一起使用。
family-sp-official = 与 SP economy 相同，使用供应商的官方线路。
family-mini = 轻巧，适合打草稿和初次尝试。
when-seedance2-0-mini-video = 与 Mini 相同，并支持视频片段。
family-mini-special = 轻巧，按视频个数计价，适合多次尝试。
family-full = 画质最佳；文件先由供应商审核。
family-full-video = 画质最佳，支持视频片段；文件先由供应商审核。
when-seedance2-0-fast-md = 与 MD 相同，速度更快。
when-seedance2-0-fast-sp = 与 SP economy 相同，速度更快，但不支持视频片段。
when-seedance2-0-of-fast-sp = 与 SP official 相同，速度更快。
when-sd2-mx-fast-720p = 画质优秀，速度更快；文件先由供应商审核。
when-sd2-mx-fast-1080p = { when-sd2-mx-fast-720p }
when-sd2-mx-video-fast-720p = 画质优秀，速度更快，支持视频片段；文件先由供应商审核。
when-sd2-mx-video-fast-1080p = { when-sd2-mx-video-fast-720p }

help-title = 使用方法
help-start = **制作视频**
    - { COMMAND("video create") }：填写提示词，也可以附上图片、视频片段或音频。
    - { COMMAND("video frames") }：从首帧到尾帧制作视频。
    - { COMMAND("video series") }：2 至 6 个前后相接的镜头，合成一部影片。
    - 在带图片的消息上：应用 → **让图片动起来**。
help-models = - { COMMAND("video models") } 帮你挑选模型。不选则使用 `{ $model }`。
help-wait = **制作过程中**
    - 卡片会显示进度。视频做好后我会 @你，通常只需几分钟。
    - { COMMAND("video list") } 和 { COMMAND("video show") }：查看你的视频。
    - { COMMAND("video cancel") }：取消视频。已开始制作的，额度不退还。
    - { COMMAND("quota") }：额度已用多少、还剩多少、何时恢复。
help-buttons = **视频下方的按钮**
    - **再来一次**（Again）：原样再做一个。
    - **编辑**（Edit）：修改后再制作。
    - **续拍**（Continue）：从最后一帧接着制作下一个。
    - **合成一部影片**（Join into one film）：把续拍的视频连在一起。
    - **更多**（More）：信息、复制提示词、举报、删除。
help-extras = **更多玩法**
    - 花括号里的选项：提示词写 `{"{"}红色|蓝色{"}"}的汽车`，每个选项各做一个视频。
    - 模板下方的**做同款**：填上模板要的文字或图片即可；也可以在 { COMMAND("video create") } 的 `模板` 中选择。
    - 视频下方的 ⭐：在设有精选频道的服务器里投票；{ COMMAND("video top") } 查看得星最多的视频。
    - 拒绝通知里的**申诉**：由另一位版主重新决定，只能申诉一次。
help-moderators = **版主须知**
    - { COMMAND("videomod queue") } 显示等待审核的内容。
    - Discord 默认只向拥有「管理消息」权限的成员显示 `/videomod`。管理者可以在服务器设置 → 整合中向其他身份组开放。
help-data = **你的数据与规则**
    - 提示词和文件会发送给视频供应商来制作视频。
    - 请只使用你有权使用的内容，不要使用未经本人同意的人物图片。
    - 每个视频都会注明由 AI 生成。
    - { COMMAND("video mydata") }：导出或删除我保存的你的数据。
help-privacy = [隐私]({ $url })
help-terms = [条款]({ $url })

button-cancel = 取消
button-next = 下一页

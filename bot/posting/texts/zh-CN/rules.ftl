# 每条规则一行。$field 是选项，$value 是发现的值，$allowed 是可以通过的值，
# $model 是模型的准确名称。

refused-rules = { $model } 暂时做不了这个。请改好下面几项后重新发送：
suggestion = { $model } 可以原样接受：把「模型」选项设为这个名称再发一次即可。

rule-model-unknown = { $field }：没有叫 { $value } 的模型。请从输入时弹出的列表里选一个。
rule-prompt-blank = { $field }：是空的。请写下画面里应该发生什么，{ $allowed } 个字符。
rule-prompt-too-long = { $field }：有 { $value } 个字符，{ $model } 接受 { $allowed } 个。
rule-duration-range = { $field }：{ $value } 秒不行，{ $model } 接受 { $allowed } 秒。
rule-ratio-not-taken = { $field }：{ $value } 不行，{ $model } 接受 { $allowed }。
rule-resolution-not-taken = { $field }：{ $value } 不行，{ $model } 接受 { $allowed }。
rule-resolution-fixed = { $field }：{ $value } 不行，{ $model } 固定输出 { $allowed }，请不要填这个选项。
rule-images-not-taken = 图片：你给了 { $value } 张，{ $model } 不接受图片。
rule-images-too-many = 图片：你给了 { $value } 张，{ $model } 最多接受 { $allowed } 张。
rule-image-format = { $field }：{ $model } 不接受 { $value } 图片，请换成 JPEG、PNG 或 WebP。
rule-frames-not-taken = 首帧和尾帧：{ $model } 都不接受。请改用 { COMMAND("video create") } 发送图片。
rule-frames-pair-needed = { $field }：{ $model } 要求首帧和尾帧一起给，现在缺这一张。
rule-frames-and-references = 首帧和尾帧：不能与其他图片同时使用，你另外给了 { $value } 张。
rule-frame-twice = { $field }：你给了 { $value } 张图片，只能放 { $allowed } 张。附件和链接请二选一。
rule-videos-not-taken = 视频片段：你给了 { $value } 个，{ $model } 不接受片段。
rule-videos-too-many = 视频片段：你给了 { $value } 个，{ $model } 最多接受 { $allowed } 个。
rule-videos-too-long = 视频片段：总长 { $value } 秒，{ $model } 最多接受 { $allowed } 秒。
rule-videos-too-large = 视频片段：总共 { $value }，{ $model } 最多接受 { $allowed }。
rule-video-side = { $field }：片段尺寸为 { $value } 像素，{ $model } 要求短边为 { $allowed }。
rule-audio-not-taken = 音频：你给了 { $value } 个，{ $model } 不接受音频。
rule-audio-too-many = 音频：你给了 { $value } 个，{ $model } 最多接受 { $allowed } 个。
rule-audio-in-frames = 音频：{ $model } 在使用首帧或尾帧时不接受音频，你给了 { $value } 个。
rule-audio-needs-visual = 音频：{ $model } 只在同时有图片、片段或首尾帧时接受音频，请再加一个。
rule-references-too-many =
    { $field }：你给了 { $count } 个链接，{ $model } { $room ->
        [0] 已经放不下更多参考素材。
       *[other] 只能再放 { $room } 个参考素材。
    }
rule-asset-only = { $field }：{ $model } 不接受普通文件或链接，只接受审核过的素材。请在「链接」里以 `asset://` 的形式给出。
rule-asset-not-taken = { $field }：{ $model } 不接受 { $value } 这样的素材。请上传文件，或给出 `https://` 链接。
rule-asset-malformed = { $field }：{ $value } 不是素材链接。正确的形式是 `asset://` 加素材编号。
rule-link-malformed = { $field }：{ $value } 不是可用的链接。链接以 `https://` 或 `asset://` 开头，多个链接之间用空格隔开。
rule-wrong-kind =
    { $found ->
        [image] { $field }：这是图片，
        [video] { $field }：这是视频片段，
        [audio] { $field }：这是音频，
        [none] { $field }：这不是我能读取的图片、片段或音频，
       *[other] { $field }：这是 { $value }，
    }{ $wanted ->
        [image] 这里应该放图片。
        [video] 这里应该放视频片段。
        [audio] 这里应该放音频。
       *[any] 这里应该放图片、片段或音频。
    }
rule-file-unreadable = { $field }：文件已损坏或无法打开。请重新另存（例如 JPEG、PNG、MP4 或 MP3）后再发一次。
rule-file-too-large = { $field }：文件有 { $value }，最多只能转交 { $allowed }。请换小一点的。
rule-link-forbidden = { $field }：链接指向内部地址，我从不打开。请给出公开链接，或上传文件。
rule-link-gone = { $field }：打不开。请确认所有人都能打开，或上传文件。
rule-link-unreachable = 有链接或文件无法读取：对方服务器没有回应。请上传文件，或稍后再试。
rule-other = { $field }：{ $value } 不行，{ $allowed } 可以。

rules-more = 还有 { $count } 处类似的问题

# 建议：请求照常进行。

warnings-head = 已照常进行，但下面几项可能影响效果：
rule-picture-side = { $field }：图片为 { $value } 像素，每边 { $allowed } 效果最好。
rule-picture-shape = { $field }：图片的宽是高的 { $value } 倍，{ $allowed } 效果最好。
rule-picture-large = { $field }：图片有 { $value }，小于 { $allowed } 效果最好。
rule-picture-format = { $field }：图片是 { $value }，JPEG、PNG 或 WebP 效果最好。

# 问题不在某一个选项上时，说明它关于什么。

field-file = { $field }（{ $name }）
field-images = 图片
field-videos = 视频片段
field-audios = 音频
field-frames = 首帧和尾帧
field-files = 文件

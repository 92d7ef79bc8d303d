# 每条规则一行。$field 是选项，$value 是发现的值，$allowed 是可以通过的值，$model 是模型的准确名称。
# $value 或 $allowed 是整数时，$count 或 $most 是同一个数；否则为 0。

refused-rules = { $model } 暂时无法制作这个视频。请修改以下内容后重新提交：
refused-rules-any = 这个视频暂时无法制作。请修改以下内容后重新提交：
suggestion = { $model } 可以直接制作：把「模型」选项设为这个名称，再提交一次即可。

rule-model-unknown = { $field }：没有名为 { $value } 的模型。请从输入时弹出的列表里选择。
rule-prompt-blank = { $field }：不能为空。请描述画面内容，{ $allowed } 个字符。
rule-prompt-too-long = { $field }：共 { $count } 个字符，{ $model } 支持 { $allowed } 个。
rule-variations-too-many = { $field }：花括号里的选项会组成 { $value } 个视频，最多 { $allowed } 个。请减少选项。
rule-variations-nested = { $field }：花括号里的选项不能再套选项。请把它们并排写，或用 `{ $allowed }` 表示普通花括号。
rule-variations-empty = { $field }：花括号里有空的选项。请在每个 `|` 两边都写上内容，或用 `{ $allowed }` 表示普通花括号。
rule-variations-unclosed = { $field }：花括号里的选项没有结束。请在末尾加上右花括号，或用 `{ $allowed }` 表示普通花括号。
rule-in-shot = 镜头 { $shot }：{ $fault }
rule-duration-range =
    { $field }：{ $model } 支持 { $most ->
        [0] { $allowed }
       *[other] { $most }
    } 秒，你填写了 { $count } 秒。
rule-ratio-not-taken = { $field }：{ $model } 不支持 { $value }。请选择 { $allowed }。
rule-resolution-not-taken = { $field }：{ $model } 不支持 { $value }。请选择 { $allowed }。
rule-resolution-fixed = { $field }：{ $model } 固定输出 { $allowed }，不支持 { $value }。请不要填写这个选项。
rule-images-not-taken = 图片：{ $model } 不支持图片，你添加了 { $count } 张。
rule-images-too-many = 图片：{ $model } 最多支持 { $most } 张，你添加了 { $count } 张。
rule-image-format = { $field }：{ $model } 不支持 { $value } 图片，请换成 JPEG、PNG 或 WebP。
rule-frames-not-taken = 首帧和尾帧：{ $model } 都不支持。请改用 { COMMAND("video create") } 提交图片。
rule-frames-pair-needed = { $field }：{ $model } 要求同时提供首帧和尾帧，现在缺少这一张。
rule-frames-first-needed = { $field }：{ $model } 的尾帧必须与首帧一起使用，请添加首帧。
rule-image-side = { $field }：图片为 { $value } 像素，{ $model } 要求每边 { $allowed } 像素，请调整尺寸。
rule-image-shape = { $field }：图片为 { $value } 像素，{ $model } 要求宽为高的 { $allowed } 倍，请裁剪。
rule-asset-refused = { $field }：供应商没有通过这个文件。请换一个文件，不要含真人、品牌或受保护的角色。
rule-frames-and-references = 首帧和尾帧：不能与其他图片同时使用，你另外添加了 { $count } 张。
rule-frame-twice = { $field }：只能放 { $most } 张图片，你添加了 { $count } 张。附件和链接请二选一。
rule-videos-not-taken = 视频片段：{ $model } 不支持视频片段，你添加了 { $count } 个。
rule-videos-too-many = 视频片段：{ $model } 最多支持 { $most } 个，你添加了 { $count } 个。
rule-videos-too-long = 视频片段：总长 { $value } 秒，{ $model } 最多支持 { $allowed } 秒。
rule-videos-too-large = 视频片段：总大小 { $value }，{ $model } 最多支持 { $allowed }。
rule-video-side = { $field }：视频片段的尺寸为 { $value } 像素，{ $model } 要求短边为 { $allowed } 像素。
rule-audio-not-taken = 音频：{ $model } 不支持音频，你添加了 { $count } 个。
rule-audio-too-many = 音频：{ $model } 最多支持 { $most } 个，你添加了 { $count } 个。
rule-audio-in-frames = 音频：使用首帧或尾帧时，{ $model } 不支持音频，你添加了 { $count } 个。
rule-audio-needs-visual = 音频：{ $model } 的音频须与图片、视频片段或首尾帧一起使用，请再添加一个。
rule-references-too-many =
    { $field }：你添加了 { $count } 个链接，{ $model } { $most ->
        [0] 不能再添加参考素材。
       *[other] 只能再添加 { $most } 个参考素材。
    }
rule-asset-only = { $field }：{ $model } 只支持审核过的素材，不支持普通文件或链接。请在「链接」里填写 `asset://` 链接。
rule-asset-not-taken = { $field }：{ $model } 不支持 { $value } 这样的素材。请上传文件，或填写 `https://` 链接。
rule-asset-malformed = { $field }：{ $value } 不是素材链接。正确的格式是 `asset://` 加素材编号。
rule-link-malformed = { $field }：{ $value } 不是可用的链接。链接以 `https://` 或 `asset://` 开头，多个链接之间用空格或逗号隔开。
rule-wrong-kind =
    { $field }：{ $wanted ->
        [image] 这里应该是图片，
        [video] 这里应该是视频片段，
        [audio] 这里应该是音频，
       *[any] 这里应该是图片、视频片段或音频，
    }{ $found ->
        [image] 但这个文件是图片。
        [video] 但这个文件是视频片段。
        [audio] 但这个文件是音频。
        [none] 但无法识别这个文件。
       *[other] 但这个文件是 { $value }。
    }
rule-file-unreadable = { $field }：文件已损坏或无法打开。请重新保存（例如 JPEG、PNG、MP4 或 MP3）后再提交。
rule-format-not-taken = { $field }：文件格式是 { $value }，我用不了。请另存或导出为 JPEG、PNG、MP4 或 MP3 后再发。
rule-picture-pixels = { $field }：图片有 { $value }（百万像素），这种格式最多能打开 { $allowed }。请缩小后再发一次。
rule-file-too-heavy = { $field }：打开这个 { $value } 文件所需的内存或时间超出了限度。请缩小或剪短后再发一次。
rule-file-too-large = { $field }：文件大小为 { $value }，最多支持 { $allowed }。请换小一点的文件。
rule-link-forbidden = { $field }：链接指向内网地址，出于安全考虑不会打开。请填写公开链接，或上传文件。
rule-link-gone = { $field }：链接打不开。请确认所有人都能打开，或上传文件。
rule-link-unreachable = 有链接或文件无法读取：对方服务器没有响应。请上传文件，或稍后再试。
rule-member-room = 这些文件共 { $value }，而你的可用空间只剩 { $allowed }。请换小一点的文件，或先用**更多** → **删除**删掉旧视频。
rule-other = { $field }：不能使用 { $value }。请选择 { $allowed }。

rules-more = 还有 { $count } 个类似的问题

# 建议：请求照常进行。

warnings-head = 已开始制作，但以下几项可能影响效果：
rule-picture-side = { $field }：图片为 { $value } 像素，每边 { $allowed } 像素效果最好。
rule-picture-shape = { $field }：图片的宽是高的 { $value } 倍，{ $allowed } 倍效果最好。
rule-picture-large = { $field }：图片大小为 { $value }，小于 { $allowed } 效果最好。
rule-picture-format = { $field }：图片格式为 { $value }，JPEG、PNG 或 WebP 效果最好。

# 问题不在某一个选项上时，说明它关于什么。

field-file = { $field }（{ $name }）
field-images = 图片
field-videos = 视频片段
field-audios = 音频
field-frames = 首帧和尾帧
field-files = 文件
field-shots = 镜头

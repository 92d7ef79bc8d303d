# 表单，以及对已发布视频的操作。

button-again = 再来一次
button-edit = 编辑
button-continue = 续拍
button-more = 更多
button-info = 信息
button-copy-prompt = 复制提示词
use-model = 改用 { $model }

form-title-create = 制作视频
form-title-frames = 用首帧或尾帧制作视频
form-title-edit = 修改后重新制作
form-title-continue = 续拍这个视频

form-prompt = 提示词
form-files = 文件
form-first = 首帧
form-last = 尾帧
form-model = 模型
form-duration = 时长
form-ratio = 画幅

form-prompt-long = 全文共 { $count } 个字符，这里显示前 4,000 个。不改动则保留全文。
form-files-new = 图片、视频片段或音频，按你想要的顺序；可以留空。
form-files-added = 已有 { $count } 个文件；在这里添加的会排在后面。
form-files-kept = 保留原来的 { $count } 个文件；上传新的会替换它们。
form-files-gone = 原来的文件已不再保存，请重新上传。
form-pictures-own = 在本服务器只能使用你自己的图片，请上传你的图片。
form-files-own = 原来的文件属于其他成员，请上传你自己的。
form-frame-kept = 不上传新图片就保留原来的。
form-model-instead = { $model } 不支持只用首帧，已改选另一个模型。

more-head = 想对 { $id } 做什么？
info-by = 提交者
prompt-gone = 提示词已不再保存。
prompt-file = 这是完整的提示词。

refused-remix = 在本服务器，只有提交者本人才能基于这个视频再创作。用 { COMMAND("video create") } 制作你自己的视频吧。
refused-remix-files = 这个视频的文件属于其他成员。请再点一次**编辑**，并上传你自己的文件。
refused-files-gone = 制作 { $id } 所用的文件已不再保存。请点**编辑**并重新上传文件。
refused-continue-none = 你在这里能用的模型都不支持首帧，无法续拍。请联系服务器管理员开放支持首帧的模型。
refused-animate-none = 这条消息里没有图片。请在带图片的消息上使用，或运行 { COMMAND("video create") }。
rule-kept-gone = { $field }：这个文件已不再保存。请点**编辑**并重新上传。
rule-duration-no-number = { $field }：{ $value } 不是有效的秒数。请填写整数，例如 5。

button-join = 合成一部影片
film-taken = 🎞️ 正在把 { $parts } 个视频合成一部影片。不占用额度，完成后发布在这里。
film-coming = 🎞️ 以 { $id } 结尾的影片正在合成中，只会发布一次。
film-there = 🎞️ 这部影片已经在这里：{ $url }
film-ready = 🎞️ { $user } 把 { $parts } 个视频合成了一部影片。
film-by = 视频作者：{ $users }
film-parts = 组成：{ $parts }
film-alt = 由 { $parts } 个视频合成的影片
film-delete-sure = 要永久删除这部影片吗？合成所用的各个视频会保留。
film-delete-done = 🗑️ 正在删除这部影片。
film-failed-part = { $user } 以 { $id } 结尾的影片无法合成：其中有视频已被删除或隐藏。
film-failed-files = { $user } 以 { $id } 结尾的影片无法合成：所需的视频文件已无法取得。
film-failed-media = { $user } 以 { $id } 结尾的影片无法合成：这 { $parts } 个视频无法拼接。可以从较早的一段合成，或重新制作最后一段。
film-failed-large = { $user } 以 { $id } 结尾的影片太大，压缩后仍无法在这里上传到 Discord。请在较早的一段下点**合成一部影片**。
film-failed-place = { $user } 以 { $id } 结尾的影片已合成，但无法发布：频道已无法访问。

refused-join-alone = 这个视频不是续拍的，没有可以合成的内容。请先在某个视频下点**续拍**。
refused-join-gone = 这部影片中的视频 { $id } 已不再保存，无法合成。
refused-join-hidden = 这部影片中的视频 { $id } 被举报并已隐藏，版主决定保留后才能合成。
refused-join-elsewhere = 这部影片的视频发布在不同的频道。只能合成同一频道里的视频，以免内容被更多人看到。
refused-join-often = 你在过去 24 小时内已合成 { $most } 部影片，达到上限。{ RELATIVE($frees_ms) }可以再合成。
refused-join-long = 这部影片会有 { $parts } 段、{ $seconds } 秒。最多 { $most } 段、{ $longest } 秒：请在较早的一段下点**合成一部影片**。

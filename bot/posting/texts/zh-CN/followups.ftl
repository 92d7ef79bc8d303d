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

form-prompt-long = 原文共 { $count } 个字符，这里显示前 4,000 个。不改动就保留全文。
form-files-new = 图片、片段或音频，按你的顺序；可以留空。
form-files-added = 已保留 { $count } 个文件；在这里添加的会排在后面。
form-files-kept = 保留原来的 { $count } 个文件；上传新的会替换它们。
form-files-gone = 原来的文件已不再保留，请重新上传。
form-files-own = 原来的文件属于其他成员，请上传你自己的。
form-frame-kept = 不上传新图片就保留原来的。
form-model-instead = { $model } 不支持单独的首帧，已换成另一个模型。

more-head = 想对 { $id } 做什么？
info-by = 请求者
prompt-gone = 提示词已不再保留。
prompt-file = 这是完整的提示词。

refused-remix = 在这个服务器里，只有请求视频的成员才能接着使用它。用 { COMMAND("video create") } 做一个你自己的吧。
refused-remix-files = 这个视频的文件属于其他成员。请再点一次**编辑**，并上传你自己的文件。
refused-files-gone = 制作 { $id } 所用的内容已不再保留。请点**编辑**并重新上传文件。
refused-continue-none = 你在这里能用的模型都不能从一张图片接着做。请联系服务器管理员开放支持首帧的模型。
refused-animate-none = 这条消息里没有图片。请在带图片的消息上使用，或运行 { COMMAND("video create") }。
rule-kept-gone = { $field }：这个文件已不再保留。请点**编辑**并重新上传。
rule-duration-no-number = { $field }：{ $value } 不是秒数。

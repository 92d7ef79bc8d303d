# For managers: /videoadmin setup, settings, models, channels; and the word on joining a server.

command-videoadmin-setup = setup
    .description = Set me up in three steps, with a check of my permissions
command-videoadmin-settings = settings
    .description = Every setting of this server; without an option, shows them all
command-videoadmin-models = models
    .description = Which models may be used here
command-videoadmin-channels = channels
    .description = In which channels I may be used

option-review = review
    .description = Whether a moderator checks first: not at all, the request, or the finished video
option-review_channel = review_channel
    .description = Where moderators find what is waiting for them
option-log_channel = log_channel
    .description = Where decisions, changes and problems are logged
option-moderator_role = moderator_role
    .description = Who moderates besides Manage Messages; open /videomod to it in Server Settings, Integrations
option-default_model = default_model
    .description = The model used when a request doesn't choose one
option-language = language
    .description = Language of posts and cards
option-remix = remix
    .description = Whose pictures and videos may be used for new ones
option-server_daily = server_daily
    .description = Videos in 24 hours for the whole server: a number, or unlimited
option-at_once = at_once
    .description = Videos one member may have in progress: a number, or unlimited
option-cooldown = cooldown
    .description = Seconds a member waits between two requests
option-confirm_above = confirm_above
    .description = Ask before a request that costs more than this; unlimited never asks
option-review_timeout_hours = review_timeout_hours
    .description = Hours a request waits for a moderator before it is rejected
option-hold_first = hold_first
    .description = How many of a member's first requests a moderator checks
option-hold_links = hold_links
    .description = Whether a moderator checks requests with links
option-hold_younger_days = hold_younger_days
    .description = A moderator checks members and accounts younger than this many days
option-hold_after_rejections = hold_after_rejections
    .description = Hold a member with so many rejections in 7 days; 0: nobody
option-hold_flagged = hold_flagged
    .description = A moderator checks what the safety check flags, before it is made or posted
option-safety_threshold = safety_threshold
    .description = How sure the safety check must be to flag something, 0 to 100 percent
option-report_threshold = report_threshold
    .description = How many reports hide a video until a moderator has checked it
option-retention_days = retention_days
    .description = How many days prompts and files are kept
option-allow = allow
    .description = What to allow
option-remove = remove
    .description = What to remove from the list

choice-off = off
choice-on = on
choice-prompt = prompt
choice-result = result
choice-own = own
choice-everyone = everyone
choice-unlimited = unlimited
choice-server = the server's own
choice-en-us = English
choice-zh-cn = 中文

# On joining a server.
greeting = 👋 Thanks for adding me to **{ $server }**! I make AI videos. Anyone with Manage Server can set me up in a minute: { COMMAND("videoadmin setup") }. Until then, everyone here can use { COMMAND("video create") } within the limits set by this bot's owner.

# To /videoadmin setup.
setup-title = Setup · { $step } of { $steps }
setup-review = **Review.** Should a moderator check before anything is posted? Who decides, and where? Each choice is saved right away.
setup-rest = **Log, showcase, ceiling, language.** Videos that members like go to the showcase. The ceiling is for this server; the limits set by this bot's owner still apply. The language is used for posts and cards.
setup-chosen = { $setting }: { $value }
setup-menu-review = Review
setup-menu-review-channel = Review channel
setup-menu-moderator-role = Moderator role
setup-menu-log-channel = Log channel
setup-menu-server-daily = Daily ceiling
setup-menu-language = Language
setup-mode-off = No review
setup-mode-prompt = A moderator checks the request before anything is spent
setup-mode-result = A moderator checks the video before it is posted
setup-ceiling-none = No ceiling for this server
setup-ceiling =
    { $count ->
        [one] { $count } video per 24 hours
       *[other] { $count } videos per 24 hours
    }
setup-your-role = your moderator role
setup-open-videomod = **Who sees the moderators' commands:** Discord shows `/videomod` to members with Manage Messages. To show it to { $role }: Server Settings → Integrations → choose me → `/videomod` → Add Roles.
setup-more = More settings: { COMMAND("videoadmin settings") }, { COMMAND("videoadmin models") }, { COMMAND("videoadmin channels") }.

# The check of permissions.
check-head =
    { $count ->
        [0] ✅ **All set.** I have the permissions I need everywhere.
        [one] ⚠️ **One thing to fix:**
       *[other] ⚠️ **{ $count } things to fix:**
    }
check-well = ✅ { $place } ({ $what }): all permissions are there.
check-missing = ⚠️ { $place } ({ $what }): I'm missing { $missing }. Open that channel's settings → Permissions, add me and allow it.
check-gone = ⚠️ The channel chosen for { $what } is gone. Choose another one.
check-public = ⚠️ Everyone can see { $place }, where requests wait for review. Make that channel private.
check-no-review-channel = ⚠️ Review is on, but no review channel is chosen. Choose one so that moderators can see what is waiting.
check-here = here
check-allowed = allowed channel
check-more =
    { $count ->
        [one] One more allowed channel wasn't checked.
       *[other] { $count } more allowed channels weren't checked.
    }
check-failed = ⚠️ Discord isn't telling me my permissions right now. Check again in a minute.

# To /videoadmin settings.
settings-title = Settings of this server
settings-group-review = Review
settings-group-held = Held for a moderator
settings-group-limits = Limits
settings-group-making = Making videos
settings-group-records = Log and storage
settings-group-places = Models and channels
settings-says-review =
    { $value ->
        [prompt] **On for prompts**: a moderator approves each one before it is paid for
        [result] **On for videos**: a moderator approves each one before it is posted
       *[off] **Off**: nothing waits for a moderator
    }
settings-says-review-channel =
    { $value ->
        [none] **No channel** for review cards yet
       *[other] Review cards go to { $value }
    }
settings-says-moderator-role =
    { $value ->
        [none] **No role**: people with Manage Messages moderate
       *[other] { $value } and people with Manage Messages moderate
    }
settings-says-review-timeout-hours = If nobody decides, it is rejected after **{ $value } h**
settings-says-hold-first =
    { $value ->
        [0] A member's first videos: **not held**
        [one] A member's first **video**
       *[other] A member's first **{ $value } videos**
    }
settings-says-hold-links =
    { $value ->
        [on] Prompts with links: **held**
       *[off] Prompts with links: **not held**
    }
settings-says-hold-younger-days =
    { $value ->
        [0] New members and accounts: **not held**
        [one] Members and accounts younger than **1 day**
       *[other] Members and accounts younger than **{ $value } days**
    }
settings-says-hold-after-rejections =
    { $value ->
        [0] Nobody is held for earlier rejections
        [one] After **one rejection** in 7 days, a member's requests are checked
       *[other] After **{ $value } rejections** in 7 days, a member's requests are checked
    }
settings-says-hold-flagged =
    { $value ->
        [on] What the safety check flags: **held**
       *[off] Pictures and videos: **not checked**
    }
settings-says-safety-threshold = The safety check flags what it is **{ $value }%** sure of
settings-says-report-threshold =
    { $value ->
        [one] **1 report** hides a posted video
       *[other] **{ $value } reports** hide a posted video
    }
settings-says-server-daily =
    { $value ->
        [unlimited] Whole server: **unlimited** videos in 24 h
        [one] Whole server: **1 video** in 24 h
       *[other] Whole server: **{ $value } videos** in 24 h
    }
settings-says-at-once =
    { $value ->
        [unlimited] Each member: **unlimited** videos at once
        [one] Each member: **1 video** at once
       *[other] Each member: **{ $value } videos** at once
    }
settings-says-cooldown =
    { $value ->
        [0] Between a member's requests: **no wait**
       *[other] Between a member's requests: **{ $value } s**
    }
settings-says-confirm-above =
    { $value ->
        [unlimited] Prices are **never** asked about first
       *[other] Above **{ $value }**, I ask before I start
    }
settings-says-default-model = Without a choice: { $value }
settings-says-remix =
    { $value ->
        [everyone] Members may build on **everyone's** videos
       *[own] Members may build on **their own** videos only
    }
settings-says-language =
    { $value ->
        [server] Posts and cards: **the server's language**
        [en-US] Posts and cards: **English**
        [zh-CN] Posts and cards: **Chinese**
       *[other] Posts and cards: **{ $value }**
    }
settings-says-log-channel =
    { $value ->
        [none] **No log channel** yet
       *[other] Decisions and changes are logged in { $value }
    }
settings-says-retention-days =
    { $value ->
        [one] Prompts and files are kept **1 day**
       *[other] Prompts and files are kept **{ $value } days**
    }
settings-models =
    { $count ->
        [one] One model may be used here: { COMMAND("videoadmin models") }
       *[other] { $count } models may be used here: { COMMAND("videoadmin models") }
    }
settings-everywhere = I may be used in every channel: { COMMAND("videoadmin channels") }
settings-places =
    { $count ->
        [one] I may be used in one channel: { COMMAND("videoadmin channels") }
       *[other] I may be used in { $count } channels: { COMMAND("videoadmin channels") }
    }
settings-hint = To change one, run the command with its option. **Delete** removes everything I store about this server.
settings-same = That was already set; nothing has changed.
setting-unset = not set
setting-changed = { $setting }: { $old } → { $new }

# To /videoadmin models and channels.
admin-models =
    { $count ->
        [one] One model may be used here:
       *[other] { $count } models may be used here:
    }
admin-models-hint = `allow` and `remove` take one or more names with spaces between them; `allow` also takes `all`.
admin-everywhere = I may be used in every channel.
admin-channels =
    { $count ->
        [one] I may be used in one channel, and in its threads and posts:
       *[other] I may be used in { $count } channels, and in their threads and posts:
    }
admin-channels-hint = `allow` adds a channel, `remove` takes one off the list. Once you allow the first one, I can't be used in any other.

# Deleting a server's data.
server-delete-sure = **Delete everything I store about this server?** Settings, limits, word list, blocks, history, and the prompts and files of every member's videos here. Videos in progress are cancelled and still count. What was used still counts, without names. Posted videos stay in their channels. This can't be undone.
server-deleted = ✅ Deleted. { COMMAND("videoadmin setup") } starts anew.

button-back = Back
button-check-again = Check again
button-everywhere = Allow everywhere

# Refusals.
refused-setting = { $setting } can't be { $value }. You can use: { $allowed }.
refused-everyone = { $setting } can't be @everyone: that would make every member a moderator. Choose another role.
refused-channel-gone = I can't find the channel { $channels } in this server. Choose another one.
refused-channel-kind = { $channels } is not the kind of channel that { $setting } can use. Choose a text channel.
refused-place-permissions = In { $channels } I'm missing { $missing }. Open that channel's settings → Permissions, add me and allow it, then run this again. Nothing was changed.
refused-no-model = There is no model called { $model }. The models are: { $models }.
refused-last-model =
    { $count ->
        [one] { $models } is the only one left: without it, nobody could make a video here. Allow another one first.
       *[other] That would leave none, and nobody could make a video here. Allowed now: { $models }. Keep at least one.
    }
refused-last-channel = { $channels } is the last one left: without it, I couldn't be used anywhere. Allow another one first, or press **Allow everywhere**.
refused-no-channels-chosen = I may be used in every channel, so there is no list to remove one from. Allow the channels you want; I then can't be used in any other.

# The log channel.
log-setting = ⚙️ **Setting changed** · { $setting }: { $old } → { $new } · by { $by }

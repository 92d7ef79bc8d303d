# Series: several shots, each beginning where the one before ends, and one film of them.

command-video-series = series
    .description = Two to six shots that continue each other, as one film

form-title-series = Make a series
form-title-retry-shot = Make shot { $number } again
form-shots = Shots
form-shots-help = 2 to 6 shots, one a line. Each begins where the one before ends.
form-series-files = For the first shot: pictures, clips or sounds, in the order you want. Optional.
form-series-files-kept =
    { $count ->
        [one] For the first shot. The file you attached is kept unless you add others.
       *[other] For the first shot. The { $count } files you attached are kept unless you add others.
    }
form-series-duration-help = Of each shot.

button-retry-shot = Retry shot
button-finish-series = Finish with what there is


# To /video series.
draft-series =
    { $priced ->
        [yes] **{ $count } shots make one film of { $seconds } s, together for { $price }.**
       *[no] **{ $count } shots make one film of { $seconds } s.**
    } Press **Confirm** to make them. Nothing is made or counted before you do.
draft-risen-series = **The { $count } shots now cost { $price } together:** a clip is longer than expected. Press **Confirm** to go ahead anyway.
series-counts =
    { $count ->
        [one] It counts as { $count } video.
       *[other] It counts as { $count } videos.
    }
shots-attached = All shots in full are in the file.
taken-series = **Your series is on its way.** I'll mention you here when the film of { $count } shots is ready.

# The series' card.
card-series-running = 🎞️ **Making shot { $number } of { $count }** · { $user }
card-series-joining = 🎞️ **All shots are made, joining the film** · { $user }
card-series-stopped = ⏸️ **Shot { $number } of { $count } couldn't be made** · { $user }
card-series-uncertain = ❔ **Shot { $number } of { $count } is uncertain: the provider's answer was lost** · { $user }
card-series-held = 🛡️ **Shot { $number } of { $count } is waiting for a moderator** · { $user }
shot-waiting = { $number }. ⏳ { $prompt }
shot-working =
    { $progress ->
        [0] { $number }. 🎬 { $prompt }
       *[other] { $number }. 🎬 { $progress }% · { $prompt }
    }
shot-made = { $number }. ✅ { $prompt }
shot-failed = { $number }. ❌ { $prompt }
shot-held = { $number }. 🛡️ { $prompt }
shot-uncertain = { $number }. ❔ { $prompt }
shot-left-out = { $number }. ⏹️ { $prompt }
series-next-retry = **Retry shot** makes it again, with other words if you like.
series-next-finish = **Finish with what there is** makes a film of the shots that are done; the others don't count.
series-next-uncertain = This bot's owner has been told and will sort it out. Until then this shot can't be made again.
series-until = Otherwise I do that { RELATIVE($ms) }.
series-until-nothing = Otherwise it ends { RELATIVE($ms) }.
shot-rejected =
    { $told ->
        [yes] A moderator rejected it: { $reason }
       *[no] A moderator rejected it.
    }
shot-rejected-late = No moderator checked it in time.
length-each = { $seconds } s each
series-of = A series of { $count } shots

failure-series-ended = A shot couldn't be made, and nobody said for 24 hours how to go on. No shot was done, so there is no film.

# Messages to its member while it is under way.
notice-series-stopped = { $user } shot { $number } of { $count } of your series couldn't be made. You decide how it goes on.
notice-series-rejected = { $user } shot { $number } of { $count } of your series was rejected. You decide how it goes on.
notice-series-uncertain = { $user } it is **uncertain** whether shot { $number } of { $count } of your series is being made: the provider's answer was lost.
notice-series-card = The buttons are under the series' card: { $url }
notice-series-late =
    { $count ->
        [one] { $user } your series waited for 24 hours, so I'm finishing it with the one shot there is. The other shots don't count.
       *[other] { $user } your series waited for 24 hours, so I'm joining the { $count } shots there are. The other shots don't count.
    }

series-strip-alt = The shots made so far, one frame of each
# To its buttons.
series-retrying = **Shot { $number } is being made again.** The series goes on from there.
series-retry-held = **Shot { $number } is sent for review.** A moderator checks it first.
series-finishing =
    { $count ->
        [one] **I'm finishing it with the one shot there is.** The other shots don't count.
       *[other] **I'm joining the { $count } shots there are.** The other shots don't count.
    }
series-cancelled-running = { $id } is cancelled. The shots that were made or being made still count; the others don't.

# To /video show.
show-shots = Shots
shot-done = done
shot-turn = waiting for its turn
show-shot = { $number } · { $state }

refused-series-over = This series has ended. { COMMAND("video list") } shows your videos.
refused-series-goes = This series goes on by itself: nothing has to be made again or finished. { COMMAND("video show") } shows how it stands.
refused-series-uncertain = It is uncertain whether shot { $shot } is being made. It can be made again once this bot's owner has looked into it.
refused-series-nothing = No shot is made yet, so there is no film to finish. **Cancel** ends the series; what wasn't made doesn't count.
refused-series-again = This film was made of several shots. Press **Edit** again to change it, or **Continue** to go on from its last frame.

rule-series-shots = { $field }: a series has { $allowed } shots, one a line, and this has { $value }. For a single video, use { COMMAND("video create") }.
rule-series-no-frame = { $field }: { $model } can't begin with the last frame of another video, which a series needs. Choose { $allowed }.
rule-series-cast = { $field }: named pictures such as { $value } work in the first shot only, because no model takes them beside a first frame. The frames keep the faces; describe them in words here.

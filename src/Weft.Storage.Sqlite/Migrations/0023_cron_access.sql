-- Oldest: 22. An earlier program creates the runs of a cron with all that its owner has.
-- A JSON object: what the runs of the cron may see, and the permissions that they know of. Null means all that the owner has.
ALTER TABLE crons ADD COLUMN access TEXT;

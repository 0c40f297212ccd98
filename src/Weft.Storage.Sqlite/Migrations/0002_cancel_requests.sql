-- The request to cancel a run, until the run has ended.
ALTER TABLE runs ADD COLUMN cancel_action TEXT;
ALTER TABLE runs ADD COLUMN cancel_reason TEXT;

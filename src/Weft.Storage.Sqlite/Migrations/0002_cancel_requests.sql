-- That a run is to be cancelled, from when that was asked for until its end.
ALTER TABLE runs ADD COLUMN cancel_action TEXT;
ALTER TABLE runs ADD COLUMN cancel_reason TEXT;

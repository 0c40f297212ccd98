-- Oldest: 24. Earlier programs end runs without it.
-- The tokens that the models of a run took, a JSON object; null if none said.
ALTER TABLE runs ADD COLUMN usage TEXT;

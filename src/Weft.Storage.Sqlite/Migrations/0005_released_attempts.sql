-- How many attempts of a run were broken off by a clean stop of their server. Every attempt keeps its number.
ALTER TABLE runs ADD COLUMN released INTEGER NOT NULL DEFAULT 0;

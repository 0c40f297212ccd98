-- The number of attempts that a clean stop of the server interrupted. Every attempt keeps its number.
ALTER TABLE runs ADD COLUMN released INTEGER NOT NULL DEFAULT 0;

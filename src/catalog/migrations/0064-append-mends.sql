-- 0064: fixes and repairs of rows that were sent. A replay is a request like any other: it waits in the
-- lane of its dataset, and has an acknowledgement. Breaks nothing.

-- `quarantine`: the held rows of the partition that `body` names are judged again; `rows` is how many
-- these were, as far as anybody knew when it was asked for.
ALTER TABLE acknowledgement DROP CONSTRAINT acknowledgement_format_check,
  ADD CONSTRAINT acknowledgement_format_check
    CHECK (format IN ('json', 'ndjson', 'csv', 'quarantine'));

-- Rows that became good by a fix or a repair: not among the accepted. Null: none could be then.
ALTER TABLE acknowledgement ADD COLUMN repaired int;

-- Of a fix of rows that were sent: the acknowledgement of the replay that did what it says.
ALTER TABLE fix ADD COLUMN acknowledgement text COLLATE "C";

-- Since when nothing that waits in a lane becomes a segment; null: it does.
ALTER TABLE append_lane ADD COLUMN failing_since timestamptz;

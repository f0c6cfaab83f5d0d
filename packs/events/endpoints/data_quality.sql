-- How good the rows of the monthly files are, by what was found in them.
--
-- param: period period = latest — a month, or a year for all of its months
-- input: quality_card partition $period
-- order: month, metric
-- column: month — the file's month
-- column: metric — accepted: all rows; bad_ids, bad_emails, bad_ips, duplicates, out_of_month: those
--   of them that are so
-- column: rows — how many
-- column: percent — share of the accepted rows [unit %]
-- limit: 1000 rows, 5 s
SELECT partition AS month, metric, rows, percent
FROM quality_card

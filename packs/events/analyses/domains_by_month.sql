-- The e-mail domains of each calendar month and the company behind each. The company is the
-- registrable domain, the public suffix and one label more: mail.example.co.uk is of example.co.uk.
-- Domains of mail_providers and domains that nobody could register tell no company.
--
-- partition: month
-- order: kind, email_domain
-- check: domains_once blocking unique email_domain
-- column: email_domain — what follows the @, in lower case; NULL where nothing does
-- column: kind — company, mail provider or unusable
-- column: company — the registrable domain; NULL for the other kinds
-- column: users — e-mails of the domain that did something that month
WITH domains AS (
  SELECT
    email_domain,
    CAST(sum(events) AS BIGINT) AS events,
    count(DISTINCT email) FILTER (email <> '') AS users
  FROM users_by_day
  GROUP BY email_domain
),
labelled AS (
  SELECT email_domain, string_split(email_domain, '.') AS labels
  FROM domains
  WHERE regexp_full_match(email_domain, '([\pL\pM\pN]([\pL\pM\pN-]*[\pL\pM\pN])?\.)+[\pL\pM\pN-]*\pL[\pL\pM\pN-]*')
),
-- example.co.uk, co.uk, uk: what a rule can match
endings AS (
  SELECT
    email_domain,
    labels,
    array_to_string(labels[unnest(range(1, len(labels) + 1)) :], '.') AS ending
  FROM labelled
),
-- An exception prevails, else the longest rule; where none matches, the last label is the suffix.
suffixes AS (
  SELECT
    email_domain,
    e.labels,
    coalesce(max(r.labels) FILTER (r.is_exception), max(r.labels), 1) AS suffix_labels
  FROM endings AS e
  LEFT JOIN public_suffixes AS r ON r.suffix = e.ending AND r.labels <= len(e.labels)
  GROUP BY email_domain, e.labels
),
registrable AS (
  SELECT email_domain, array_to_string(labels[len(labels) - suffix_labels :], '.') AS company
  FROM suffixes
  WHERE len(labels) > suffix_labels
)
SELECT
  d.email_domain,
  CASE
    WHEN m.domain IS NOT NULL THEN 'mail provider'
    WHEN r.company IS NOT NULL THEN 'company'
    ELSE 'unusable'
  END AS kind,
  CASE WHEN m.domain IS NULL THEN r.company END AS company,
  d.events,
  d.users
FROM domains AS d
LEFT JOIN registrable AS r ON r.email_domain = d.email_domain
LEFT JOIN mail_providers AS m ON m.domain = d.email_domain

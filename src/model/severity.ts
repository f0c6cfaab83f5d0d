/** Of a check: `blocking` keeps a partition that fails it from being published, `warning` only says so. */
export type Severity = 'blocking' | 'warning'

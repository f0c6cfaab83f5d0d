import { ok, type Check } from '#operations/health/finding.ts'

/** Whether SQL of customers is run on this machine, and what stands in the way. */
export const checkCustomerSql: Check = async ({ readers }) => {
  const problem = await readers.customerSqlProblem()
  return ok(
    problem === null
      ? 'SQL of customers runs in a jail that holds'
      : `SQL of customers is refused here: ${problem}`,
  )
}

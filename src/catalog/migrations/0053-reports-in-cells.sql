-- 0053: a cell is opened for its reports, too. Breaks nothing.

CREATE OR REPLACE FUNCTION cell_next_due() RETURNS double precision
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT least(queue_next_wake(), queue_next_ready(), trigger_next_wake(), callbacks_next_wake(),
    append_next_due(), subscriptions_next_wake(), reports_next_wake())
$$;

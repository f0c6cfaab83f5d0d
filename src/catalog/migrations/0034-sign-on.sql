-- 0034: coming in through a provider, and providers of the deployment. Breaks nothing.

-- A provider and the tenant that it belongs to, for whoever comes back from it.
CREATE FUNCTION sign_on_provider(p_id text) RETURNS TABLE (
  id text, tenant_id int, slug text, state text, name text, issuer text, client_id text,
  client_secret text, domains text[], revision text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT p.id, p.tenant_id, t.slug, t.state, p.name, p.issuer, p.client_id, p.client_secret, p.domains,
    p.revision
  FROM identity_provider p LEFT JOIN tenant t ON t.id = p.tenant_id WHERE p.id = p_id
$$;

-- Whom a provider has vouched for: an account, or null for somebody who may not come in. The address has
-- been verified and is of the provider's domains. p_user: id of the account where one is made. An open
-- invitation of the address is taken up, unless it makes an owner: whoever runs the provider says which
-- addresses it verifies, and need not be an owner.
--
-- A tenant's provider reaches accounts of that tenant only, and makes them: it never finds an account by
-- its address. The deployment's own providers find accounts of the deployment so, and make none.
CREATE FUNCTION sign_on_enter(
  p_provider text, p_issuer text, p_subject text, p_email text, p_name text, p_user text
) RETURNS TABLE (user_id text, tenant_id int, is_new boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_provider identity_provider;
  v_user text;
  v_role text;
BEGIN
  -- One after the other, so that two answers for one person make one account.
  SELECT * INTO v_provider FROM identity_provider p
  WHERE p.id = p_provider AND p.issuer = p_issuer FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  SELECT i.user_id INTO v_user FROM user_identity i
  WHERE i.provider_id = p_provider AND i.issuer = p_issuer AND i.subject = p_subject;
  IF v_provider.tenant_id IS NULL THEN
    v_user := coalesce(v_user,
      (SELECT u.id FROM user_account u WHERE u.email = p_email AND u.home_tenant IS NULL));
    IF v_user IS NOT NULL THEN
      INSERT INTO user_identity (provider_id, issuer, subject, user_id)
      VALUES (p_provider, p_issuer, p_subject, v_user) ON CONFLICT DO NOTHING;
      RETURN QUERY SELECT v_user, NULL::int, false;
    END IF;
    RETURN;
  END IF;

  UPDATE invitation i SET ended_at = millrace_now(), outcome = 'accepted'
  WHERE i.tenant_id = v_provider.tenant_id AND i.email = p_email AND i.role <> 'owner'
    AND i.ended_at IS NULL AND i.expires_at > millrace_now()
  RETURNING i.role INTO v_role;
  IF v_user IS NOT NULL THEN
    UPDATE user_account u SET email = p_email, name = p_name
    WHERE u.id = v_user AND (u.email, u.name) IS DISTINCT FROM (p_email, p_name);
  ELSE
    -- Whoever has been removed has an identity still, and comes back by invitation only.
    v_role := coalesce(v_role, v_provider.default_role);
    IF v_role IS NULL THEN
      RETURN;
    END IF;
    INSERT INTO user_account (id, email, name, home_tenant)
    VALUES (p_user, p_email, p_name, v_provider.tenant_id);
    INSERT INTO user_identity (provider_id, issuer, subject, tenant_id, user_id)
    VALUES (p_provider, p_issuer, p_subject, v_provider.tenant_id, p_user);
    v_user := p_user;
  END IF;
  IF v_role IS NOT NULL THEN
    INSERT INTO membership (tenant_id, user_id, role, invited_by)
    VALUES (v_provider.tenant_id, v_user, v_role, p_provider) ON CONFLICT DO NOTHING;
  END IF;
  RETURN QUERY SELECT m.user_id, m.tenant_id, v_user = p_user FROM membership m
  JOIN user_account u ON u.id = m.user_id AND u.disabled_at IS NULL
  WHERE m.tenant_id = v_provider.tenant_id AND m.user_id = v_user;
END
$$;

-- Its people cannot come in any more: their memberships and accounts go with it. `last-owner`: the tenant
-- would be left without one.
CREATE FUNCTION identity_provider_remove(p_tenant int, p_id text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_users text[];
BEGIN
  PERFORM FROM identity_provider p
  WHERE p.id = p_id AND p.tenant_id IS NOT DISTINCT FROM p_tenant FOR UPDATE;
  IF NOT FOUND THEN
    RETURN 'unknown';
  END IF;
  IF p_tenant IS NOT NULL THEN
    PERFORM FROM membership m WHERE m.tenant_id = p_tenant AND m.role = 'owner'
    ORDER BY m.user_id FOR UPDATE;
    v_users := ARRAY(SELECT i.user_id FROM user_identity i WHERE i.provider_id = p_id);
    IF EXISTS (SELECT FROM membership m
        WHERE m.tenant_id = p_tenant AND m.role = 'owner' AND m.user_id = ANY (v_users))
      AND NOT EXISTS (SELECT FROM membership m
        JOIN user_account u ON u.id = m.user_id AND u.disabled_at IS NULL
        WHERE m.tenant_id = p_tenant AND m.role = 'owner' AND m.user_id <> ALL (v_users))
    THEN
      RETURN 'last-owner';
    END IF;
    DELETE FROM user_account u WHERE u.id = ANY (v_users) AND u.home_tenant = p_tenant;
  END IF;
  DELETE FROM identity_provider p WHERE p.id = p_id;
  RETURN 'removed';
END
$$;

-- Providers of the deployment.

CREATE FUNCTION deployment_providers() RETURNS TABLE (
  id text, name text, issuer text, client_id text, has_secret boolean, domains text[],
  created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT p.id, p.name, p.issuer, p.client_id, p.client_secret IS NOT NULL, p.domains, p.created_at
  FROM identity_provider p WHERE p.tenant_id IS NULL ORDER BY p.id
$$;

CREATE FUNCTION deployment_provider_add(
  p_id text, p_name text, p_issuer text, p_client_id text, p_client_secret text, p_domains text[],
  p_revision text, p_created_by text
) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  INSERT INTO identity_provider
    (id, name, issuer, client_id, client_secret, domains, revision, created_by)
  VALUES (p_id, p_name, p_issuer, p_client_id, p_client_secret, p_domains, p_revision, p_created_by)
$$;

GRANT EXECUTE ON FUNCTION
  invitation_find(bytea), invitation_accept(bytea, text), sign_on_provider(text),
  sign_on_enter(text, text, text, text, text, text), identity_provider_remove(int, text),
  deployment_providers(),
  deployment_provider_add(text, text, text, text, text, text[], text, text)
TO millrace_system;

-- Whose session it is, and the tenant that it is at work for: the one of that slug, or the one that it
-- was in last, or the first; null without one. Operators may be at work for any. A membership that the
-- tenant's rule for sign-on does not let in is none.
CREATE OR REPLACE FUNCTION session_owner(p_hash bytea, p_slug text) RETURNS TABLE (
  session_id text, user_id text, email text, is_operator boolean,
  tenant_id int, slug text, role text, permissions text[], access jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := millrace_now();
  v_session user_session;
  v_user user_account;
  v_is_operator boolean;
  v_tenants int[];
BEGIN
  SELECT s.* INTO v_session FROM user_session s
  WHERE s.hash = p_hash AND s.ended_at IS NULL AND s.expires_at > v_now AND s.seen_at + s.idle > v_now;
  SELECT u.* INTO v_user FROM user_account u
  WHERE u.id = v_session.user_id AND u.disabled_at IS NULL;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  v_is_operator := v_user.is_operator AND v_session.only_tenant IS NULL;
  v_tenants := CASE
    WHEN p_slug IS NULL THEN ARRAY(SELECT m.tenant_id FROM membership m WHERE m.user_id = v_user.id)
      || CASE WHEN v_is_operator THEN v_session.last_tenant
        || ARRAY(SELECT t.id FROM tenant t WHERE t.slug = 'default') END
    ELSE ARRAY(SELECT t.id FROM tenant t WHERE t.slug = p_slug) END;
  SELECT t.id, t.slug, m.role, r.permissions, r.access
  INTO tenant_id, slug, role, permissions, access
  FROM tenant t
  LEFT JOIN membership m ON m.tenant_id = t.id AND m.user_id = v_user.id
    AND sign_on_lets_in(t.id, v_user.home_tenant, m.role)
  LEFT JOIN role r ON r.tenant_id = m.tenant_id AND r.name = m.role
  WHERE t.id = ANY (v_tenants) AND t.id = coalesce(v_session.only_tenant, t.id)
    AND (m.role IS NOT NULL OR v_is_operator)
  ORDER BY (t.id = v_session.last_tenant) DESC NULLS LAST, (m.role IS NOT NULL) DESC, t.slug LIMIT 1;
  -- Noted once a minute, so that reading stays reading.
  IF v_session.seen_at < v_now - interval '1 minute'
    OR (tenant_id IS NOT NULL AND tenant_id IS DISTINCT FROM v_session.last_tenant)
  THEN
    UPDATE user_session s SET seen_at = v_now, last_tenant = coalesce(tenant_id, s.last_tenant)
    WHERE s.id = v_session.id;
  END IF;
  session_id := v_session.id;
  user_id := v_user.id;
  email := v_user.email;
  is_operator := v_is_operator;
  RETURN NEXT;
END
$$;

-- Up Migration

-- Wrong codes are counted where they come from, by the gateway: they end no code.
alter table enrolments drop column wrong_tries;

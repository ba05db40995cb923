DROP INDEX audit_entries_at;
DROP TABLE invitation_roles;
DROP TABLE invitations;

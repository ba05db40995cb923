DROP POLICY colleagues ON users;
DROP TABLE memberships;
DROP TABLE users;
DROP TABLE organizations;

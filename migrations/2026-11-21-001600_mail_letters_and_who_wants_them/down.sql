DROP TABLE stock_notices, mail_digests, mail_preferences, mail_suppressions, mail_letters;

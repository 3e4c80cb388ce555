"""How pages write dates: as the admin panel and the conversations in it do, whatever the language."""

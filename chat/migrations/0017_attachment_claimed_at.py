"""Since when the content of an attachment is coming in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0016_thread_epoch"),
    ]

    operations = [
        migrations.AddField(
            model_name="attachment",
            name="claimed_at",
            field=models.DateTimeField(
                blank=True, help_text="When the upload began whose content is coming in.", null=True
            ),
        ),
    ]

import django.db.models.deletion
from django.db import migrations, models

import tenants.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_initial"),
        ("chat", "0001_initial"),
        ("tenants", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="attachment",
            name="assistant",
            field=models.ForeignKey(
                db_constraint=False,
                default=0,  # No installation had attachments before.
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="tenants.assistant",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="attachment",
            name="sha256",
            field=models.CharField(blank=True, help_text="Of the content; empty until it is stored.", max_length=64),
        ),
        migrations.AddField(
            model_name="attachment",
            name="size",
            field=models.PositiveBigIntegerField(
                default=0, help_text="Bytes, as announced; the content has exactly as many."
            ),
        ),
        migrations.AddField(
            model_name="attachment",
            name="text",
            field=models.TextField(blank=True, help_text="What a document says, for the model."),
        ),
        migrations.AlterField(
            model_name="attachment",
            name="state",
            field=models.CharField(
                choices=[
                    ("pending", "Waiting for its content"),
                    ("storing", "Its content is coming in"),
                    ("stored", "Stored"),
                ],
                default="pending",
                max_length=8,
            ),
        ),
        migrations.AddIndex(
            model_name="attachment",
            index=models.Index(condition=models.Q(("thread", None)), fields=["created_at"], name="attachment_unused"),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=tenants.constraints.TenantForeignKey(
                field="assistant", name="attachment_assistant_of_tenant", on_delete="CASCADE", to="tenants.Assistant"
            ),
        ),
    ]

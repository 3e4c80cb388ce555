import django.db.models.deletion
import tenants.constraints
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0004_attachment_failures"),
        ("tenants", "0011_mcp_server_help"),
    ]

    operations = [
        migrations.CreateModel(
            name="RunTrace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "context",
                    models.JSONField(
                        help_text="Who asked, in which languages, from which page; what a browser says is untrusted."
                    ),
                ),
                ("steps", models.JSONField(help_text="Calls of models and tools, with what they were sent.")),
                ("events", models.JSONField(help_text="[milliseconds, event] of the run's log.")),
                ("is_cut", models.BooleanField(default=False, help_text="There was more than is kept.")),
                ("created_at", models.DateTimeField(auto_now_add=True, db_index=True)),
                (
                    "run",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="chat.run",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.tenant"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run", "tenant"), name="runtrace_once"),
                    tenants.constraints.TenantForeignKey(
                        field="run", name="runtrace_run_of_tenant", on_delete="CASCADE", to="chat.Run"
                    ),
                ],
            },
        ),
    ]

from django.db import migrations, models

import tenants.model_options


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="assistantversion",
            name="model_options",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="temperature, top_p, max_tokens, reasoning_effort; all may be left out.",
                validators=[tenants.model_options.validate_model_options],
            ),
        ),
        migrations.AddField(
            model_name="assistantversion",
            name="fallbacks",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text='Who is asked, in this order, when the model cannot answer: [{"provider": …, "model": …}, …].',
                validators=[tenants.model_options.validate_fallbacks],
            ),
        ),
        migrations.AlterField(
            model_name="assistantversion",
            name="provider",
            field=models.CharField(
                choices=[
                    ("offline", "Offline assistant (no model)"),
                    ("openai", "OpenAI"),
                    ("openai_chat", "OpenAI (Chat Completions)"),
                    ("gemini", "Google Gemini"),
                    ("anthropic", "Anthropic"),
                    ("azure", "Azure OpenAI"),
                    ("mistral", "Mistral"),
                    ("groq", "Groq"),
                    ("deepseek", "DeepSeek"),
                    ("ollama", "Ollama"),
                    ("vllm", "vLLM"),
                    ("openai_compatible", "OpenAI-compatible endpoint"),
                ],
                default="offline",
                max_length=24,
            ),
        ),
    ]

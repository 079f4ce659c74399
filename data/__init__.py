"""What is known: tables that people edit, and one small typed reader beside each."""

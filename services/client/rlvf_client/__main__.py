from rlvf_client.cli import main

main()

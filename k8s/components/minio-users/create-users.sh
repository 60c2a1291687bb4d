# Run by the Job minio-users: a user and a policy for each folder of /keys.
set -eu
until mc alias set storage http://minio:9000 "$RLVF_S3_ACCESS_KEY" "$RLVF_S3_SECRET_KEY"; do sleep 2; done
mc mb --ignore-existing storage/rlvf
for folder in /keys/*; do
  service=${folder##*/}
  user=$(cat "$folder/RLVF_S3_ACCESS_KEY")
  secret=$(cat "$folder/RLVF_S3_SECRET_KEY")
  mc admin policy create storage "$service" "/job/$service.json"
  mc admin user add storage "$user" "$secret"
  # It fails where the user has the policy already; the last line finds every other failure.
  mc admin policy attach storage "$service" --user "$user" || true
  mc alias set "$service" http://minio:9000 "$user" "$secret"
  mc ls "$service/rlvf" >/dev/null
done

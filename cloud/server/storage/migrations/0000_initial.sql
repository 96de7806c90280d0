CREATE TABLE "accounts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"salt" text NOT NULL,
	"proof_hash" text NOT NULL,
	"earlier_hashes" json NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"password_changed_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "accounts_email_unique" UNIQUE("email")
);
--> statement-breakpoint
CREATE TABLE "commands" (
	"device_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"ordinal" bigserial NOT NULL,
	"kind" text NOT NULL,
	"body" json NOT NULL,
	"issued_by" text NOT NULL,
	"issued_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"status" text NOT NULL,
	"offered_at" timestamp (3) with time zone,
	"heard_epoch" uuid,
	"unconfirmed" boolean DEFAULT false NOT NULL,
	"times" json NOT NULL,
	"progress" json,
	"result" json,
	CONSTRAINT "commands_device_id_id_pk" PRIMARY KEY("device_id","id")
);
--> statement-breakpoint
CREATE TABLE "detections" (
	"device_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"rev" bigint NOT NULL,
	"epoch" uuid NOT NULL,
	"state" text NOT NULL,
	"unprocessed" boolean NOT NULL,
	"risk" text NOT NULL,
	"found_by" text NOT NULL,
	"found_at" timestamp (3) with time zone NOT NULL,
	"body" json NOT NULL,
	CONSTRAINT "detections_device_id_id_pk" PRIMARY KEY("device_id","id")
);
--> statement-breakpoint
CREATE TABLE "devices" (
	"id" uuid PRIMARY KEY NOT NULL,
	"account_id" uuid NOT NULL,
	"public_key" text NOT NULL,
	"installation_id" uuid NOT NULL,
	"name" text NOT NULL,
	"enrolled" json NOT NULL,
	"connected_at" timestamp (3) with time zone NOT NULL,
	"ended" text,
	"cloned" boolean NOT NULL,
	"online" boolean NOT NULL,
	"last_contact_at" timestamp (3) with time zone,
	"state" json,
	"outbox_epoch" uuid,
	"outbox_seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "links" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"purpose" text NOT NULL,
	"email" text NOT NULL,
	"proof_hash" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "mail_outbox" (
	"id" uuid PRIMARY KEY NOT NULL,
	"recipient" text NOT NULL,
	"purpose" text NOT NULL,
	"subject" text NOT NULL,
	"text" text NOT NULL,
	"html" text NOT NULL,
	"status" text NOT NULL,
	"attempts" integer NOT NULL,
	"next_attempt_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"last_error" text
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"token_hash" text NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "sessions_token_hash_unique" UNIQUE("token_hash")
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"key" text PRIMARY KEY NOT NULL,
	"value" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sign_in_attempts" (
	"key" text PRIMARY KEY NOT NULL,
	"failures" integer NOT NULL,
	"last_at" timestamp (3) with time zone NOT NULL,
	"blocked_until" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "commands" ADD CONSTRAINT "commands_device_id_devices_id_fk" FOREIGN KEY ("device_id") REFERENCES "public"."devices"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "detections" ADD CONSTRAINT "detections_device_id_devices_id_fk" FOREIGN KEY ("device_id") REFERENCES "public"."devices"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "devices" ADD CONSTRAINT "devices_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "commands_history" ON "commands" USING btree ("device_id","issued_at");--> statement-breakpoint
CREATE INDEX "commands_open" ON "commands" USING btree ("expires_at") WHERE "commands"."status" in ('planned', 'delivered', 'running');--> statement-breakpoint
CREATE INDEX "detections_list" ON "detections" USING btree ("device_id","found_at");--> statement-breakpoint
CREATE INDEX "detections_unprocessed" ON "detections" USING btree ("device_id") WHERE "detections"."unprocessed";--> statement-breakpoint
CREATE UNIQUE INDEX "devices_account_key" ON "devices" USING btree ("account_id","public_key");--> statement-breakpoint
CREATE INDEX "devices_online" ON "devices" USING btree ("last_contact_at") WHERE "devices"."online";--> statement-breakpoint
CREATE INDEX "links_email" ON "links" USING btree ("email");--> statement-breakpoint
CREATE INDEX "mail_outbox_due" ON "mail_outbox" USING btree ("next_attempt_at") WHERE "mail_outbox"."status" = 'queued';--> statement-breakpoint
CREATE INDEX "mail_outbox_recipient" ON "mail_outbox" USING btree ("recipient","created_at");--> statement-breakpoint
CREATE INDEX "sessions_account" ON "sessions" USING btree ("account_id");
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE answer_history (
	id INTEGER NOT NULL, 
	round_id INTEGER NOT NULL, 
	pseudonym VARCHAR(43) NOT NULL, 
	item VARCHAR(40) NOT NULL, 
	value TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	channel VARCHAR(4) NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_answer_history PRIMARY KEY (id), 
	FOREIGN KEY(round_id) REFERENCES rounds (id)
);
INSERT INTO "answer_history" VALUES(1,1,'Vtyjzhw0-PMpq89rCCXSuCXpL4h5Y07Zs9Fi2ZVqZvc','w.0.0','41',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(2,1,'Vtyjzhw0-PMpq89rCCXSuCXpL4h5Y07Zs9Fi2ZVqZvc','w.0.1','49',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(3,1,'Vtyjzhw0-PMpq89rCCXSuCXpL4h5Y07Zs9Fi2ZVqZvc','w.0.2','10',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(4,1,'Vtyjzhw0-PMpq89rCCXSuCXpL4h5Y07Zs9Fi2ZVqZvc','o.0.0','旧版意见',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(5,1,'yg-Z-FK1c5Qtpv5RXWvlCdt7p-vWYXFebwQ8v3ehPQY','w.0.0','42',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(6,1,'yg-Z-FK1c5Qtpv5RXWvlCdt7p-vWYXFebwQ8v3ehPQY','w.0.1','48',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(7,1,'yg-Z-FK1c5Qtpv5RXWvlCdt7p-vWYXFebwQ8v3ehPQY','w.0.2','10',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(8,1,'yg-Z-FK1c5Qtpv5RXWvlCdt7p-vWYXFebwQ8v3ehPQY','o.0.0','旧版意见',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(9,1,'5GmwWlvNbn8L096Pc5uG581z5cX3Y_uwIOk7RHndQuk','w.0.0','43',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(10,1,'5GmwWlvNbn8L096Pc5uG581z5cX3Y_uwIOk7RHndQuk','w.0.1','47',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(11,1,'5GmwWlvNbn8L096Pc5uG581z5cX3Y_uwIOk7RHndQuk','w.0.2','10',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(12,1,'5GmwWlvNbn8L096Pc5uG581z5cX3Y_uwIOk7RHndQuk','o.0.0','旧版意见',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(13,1,'h-1djxBGIN4XE4IetpX5cXwMAT0vKov448mdtJw26mQ','w.0.0','44',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(14,1,'h-1djxBGIN4XE4IetpX5cXwMAT0vKov448mdtJw26mQ','w.0.1','46',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(15,1,'h-1djxBGIN4XE4IetpX5cXwMAT0vKov448mdtJw26mQ','w.0.2','10',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(16,1,'h-1djxBGIN4XE4IetpX5cXwMAT0vKov448mdtJw26mQ','o.0.0','旧版意见',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(17,1,'ibJQEQ3qnRLe3YPvb7XoI21Mw8_3d_qAFl_f4d93_R8','w.0.0','45',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(18,1,'ibJQEQ3qnRLe3YPvb7XoI21Mw8_3d_qAFl_f4d93_R8','w.0.1','45',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(19,1,'ibJQEQ3qnRLe3YPvb7XoI21Mw8_3d_qAFl_f4d93_R8','w.0.2','10',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(20,1,'ibJQEQ3qnRLe3YPvb7XoI21Mw8_3d_qAFl_f4d93_R8','o.0.0','旧版意见',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(21,1,'-7LoRu-pjzi2_n4E3jUygHKas4SiO-8MViw3aEdv9Fo','w.0.0','46',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(22,1,'-7LoRu-pjzi2_n4E3jUygHKas4SiO-8MViw3aEdv9Fo','w.0.1','44',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(23,1,'-7LoRu-pjzi2_n4E3jUygHKas4SiO-8MViw3aEdv9Fo','w.0.2','10',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(24,1,'-7LoRu-pjzi2_n4E3jUygHKas4SiO-8MViw3aEdv9Fo','o.0.0','旧版意见',1,'web',1700000100);
INSERT INTO "answer_history" VALUES(25,2,'Vtyjzhw0-PMpq89rCCXSuCXpL4h5Y07Zs9Fi2ZVqZvc','w.0.0','44',1,'web',1700000400);
CREATE TABLE answers (
	round_id INTEGER NOT NULL, 
	pseudonym VARCHAR(43) NOT NULL, 
	item VARCHAR(40) NOT NULL, 
	value TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	channel VARCHAR(4) NOT NULL, 
	CONSTRAINT pk_answers PRIMARY KEY (round_id, pseudonym, item), 
	FOREIGN KEY(round_id) REFERENCES rounds (id)
)
 WITHOUT ROWID

;
INSERT INTO "answers" VALUES(1,'-7LoRu-pjzi2_n4E3jUygHKas4SiO-8MViw3aEdv9Fo','o.0.0','旧版意见',1,'web');
INSERT INTO "answers" VALUES(1,'-7LoRu-pjzi2_n4E3jUygHKas4SiO-8MViw3aEdv9Fo','w.0.0','46',1,'web');
INSERT INTO "answers" VALUES(1,'-7LoRu-pjzi2_n4E3jUygHKas4SiO-8MViw3aEdv9Fo','w.0.1','44',1,'web');
INSERT INTO "answers" VALUES(1,'-7LoRu-pjzi2_n4E3jUygHKas4SiO-8MViw3aEdv9Fo','w.0.2','10',1,'web');
INSERT INTO "answers" VALUES(1,'5GmwWlvNbn8L096Pc5uG581z5cX3Y_uwIOk7RHndQuk','o.0.0','旧版意见',1,'web');
INSERT INTO "answers" VALUES(1,'5GmwWlvNbn8L096Pc5uG581z5cX3Y_uwIOk7RHndQuk','w.0.0','43',1,'web');
INSERT INTO "answers" VALUES(1,'5GmwWlvNbn8L096Pc5uG581z5cX3Y_uwIOk7RHndQuk','w.0.1','47',1,'web');
INSERT INTO "answers" VALUES(1,'5GmwWlvNbn8L096Pc5uG581z5cX3Y_uwIOk7RHndQuk','w.0.2','10',1,'web');
INSERT INTO "answers" VALUES(1,'Vtyjzhw0-PMpq89rCCXSuCXpL4h5Y07Zs9Fi2ZVqZvc','o.0.0','旧版意见',1,'web');
INSERT INTO "answers" VALUES(1,'Vtyjzhw0-PMpq89rCCXSuCXpL4h5Y07Zs9Fi2ZVqZvc','w.0.0','41',1,'web');
INSERT INTO "answers" VALUES(1,'Vtyjzhw0-PMpq89rCCXSuCXpL4h5Y07Zs9Fi2ZVqZvc','w.0.1','49',1,'web');
INSERT INTO "answers" VALUES(1,'Vtyjzhw0-PMpq89rCCXSuCXpL4h5Y07Zs9Fi2ZVqZvc','w.0.2','10',1,'web');
INSERT INTO "answers" VALUES(1,'h-1djxBGIN4XE4IetpX5cXwMAT0vKov448mdtJw26mQ','o.0.0','旧版意见',1,'web');
INSERT INTO "answers" VALUES(1,'h-1djxBGIN4XE4IetpX5cXwMAT0vKov448mdtJw26mQ','w.0.0','44',1,'web');
INSERT INTO "answers" VALUES(1,'h-1djxBGIN4XE4IetpX5cXwMAT0vKov448mdtJw26mQ','w.0.1','46',1,'web');
INSERT INTO "answers" VALUES(1,'h-1djxBGIN4XE4IetpX5cXwMAT0vKov448mdtJw26mQ','w.0.2','10',1,'web');
INSERT INTO "answers" VALUES(1,'ibJQEQ3qnRLe3YPvb7XoI21Mw8_3d_qAFl_f4d93_R8','o.0.0','旧版意见',1,'web');
INSERT INTO "answers" VALUES(1,'ibJQEQ3qnRLe3YPvb7XoI21Mw8_3d_qAFl_f4d93_R8','w.0.0','45',1,'web');
INSERT INTO "answers" VALUES(1,'ibJQEQ3qnRLe3YPvb7XoI21Mw8_3d_qAFl_f4d93_R8','w.0.1','45',1,'web');
INSERT INTO "answers" VALUES(1,'ibJQEQ3qnRLe3YPvb7XoI21Mw8_3d_qAFl_f4d93_R8','w.0.2','10',1,'web');
INSERT INTO "answers" VALUES(1,'yg-Z-FK1c5Qtpv5RXWvlCdt7p-vWYXFebwQ8v3ehPQY','o.0.0','旧版意见',1,'web');
INSERT INTO "answers" VALUES(1,'yg-Z-FK1c5Qtpv5RXWvlCdt7p-vWYXFebwQ8v3ehPQY','w.0.0','42',1,'web');
INSERT INTO "answers" VALUES(1,'yg-Z-FK1c5Qtpv5RXWvlCdt7p-vWYXFebwQ8v3ehPQY','w.0.1','48',1,'web');
INSERT INTO "answers" VALUES(1,'yg-Z-FK1c5Qtpv5RXWvlCdt7p-vWYXFebwQ8v3ehPQY','w.0.2','10',1,'web');
INSERT INTO "answers" VALUES(2,'Vtyjzhw0-PMpq89rCCXSuCXpL4h5Y07Zs9Fi2ZVqZvc','w.0.0','44',1,'web');
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	actor VARCHAR(60) NOT NULL, 
	action VARCHAR(30) NOT NULL, 
	panel_id BIGINT, 
	round_id BIGINT, 
	subject TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	CONSTRAINT pk_audit PRIMARY KEY (id)
);
INSERT INTO "audit" VALUES(1,1796037551,'-','panel-created',1,NULL,'征询','');
INSERT INTO "audit" VALUES(2,1796037551,'-','link-made',1,NULL,'专家01','');
INSERT INTO "audit" VALUES(3,1796037551,'-','link-made',1,NULL,'专家02','');
INSERT INTO "audit" VALUES(4,1796037551,'-','link-made',1,NULL,'专家03','');
INSERT INTO "audit" VALUES(5,1796037551,'-','link-made',1,NULL,'专家04','');
INSERT INTO "audit" VALUES(6,1796037551,'-','link-made',1,NULL,'专家05','');
INSERT INTO "audit" VALUES(7,1796037551,'-','link-made',1,NULL,'专家06','');
INSERT INTO "audit" VALUES(8,1700000000,'organiser:1','round-prepared',1,1,'allocation','');
INSERT INTO "audit" VALUES(9,1700000000,'organiser:1','rules-frozen',1,NULL,'','问卷 a63ed58d067efe30817d672e4cf73877749906929f22f0d22efc5f4431afd61d 停止规则 ec9258ae126933d78f0b19f9ea9cd6f52f9c15f855a4c501185ecb9103a121a5');
INSERT INTO "audit" VALUES(10,1700000000,'organiser:1','round-opened',1,1,'','');
INSERT INTO "audit" VALUES(11,1700000100,'Vtyjzhw0-PMpq89rCCXSuCXpL4h5Y07Zs9Fi2ZVqZvc','answer',1,1,'w.0.0','');
INSERT INTO "audit" VALUES(12,1700000100,'Vtyjzhw0-PMpq89rCCXSuCXpL4h5Y07Zs9Fi2ZVqZvc','answer',1,1,'w.0.1','');
INSERT INTO "audit" VALUES(13,1700000100,'Vtyjzhw0-PMpq89rCCXSuCXpL4h5Y07Zs9Fi2ZVqZvc','answer',1,1,'w.0.2','');
INSERT INTO "audit" VALUES(14,1700000100,'Vtyjzhw0-PMpq89rCCXSuCXpL4h5Y07Zs9Fi2ZVqZvc','answer',1,1,'o.0.0','');
INSERT INTO "audit" VALUES(15,1700000200,'Vtyjzhw0-PMpq89rCCXSuCXpL4h5Y07Zs9Fi2ZVqZvc','submitted',1,1,'','第 1 次，网上');
INSERT INTO "audit" VALUES(16,1700000100,'yg-Z-FK1c5Qtpv5RXWvlCdt7p-vWYXFebwQ8v3ehPQY','answer',1,1,'w.0.0','');
INSERT INTO "audit" VALUES(17,1700000100,'yg-Z-FK1c5Qtpv5RXWvlCdt7p-vWYXFebwQ8v3ehPQY','answer',1,1,'w.0.1','');
INSERT INTO "audit" VALUES(18,1700000100,'yg-Z-FK1c5Qtpv5RXWvlCdt7p-vWYXFebwQ8v3ehPQY','answer',1,1,'w.0.2','');
INSERT INTO "audit" VALUES(19,1700000100,'yg-Z-FK1c5Qtpv5RXWvlCdt7p-vWYXFebwQ8v3ehPQY','answer',1,1,'o.0.0','');
INSERT INTO "audit" VALUES(20,1700000200,'yg-Z-FK1c5Qtpv5RXWvlCdt7p-vWYXFebwQ8v3ehPQY','submitted',1,1,'','第 1 次，网上');
INSERT INTO "audit" VALUES(21,1700000100,'5GmwWlvNbn8L096Pc5uG581z5cX3Y_uwIOk7RHndQuk','answer',1,1,'w.0.0','');
INSERT INTO "audit" VALUES(22,1700000100,'5GmwWlvNbn8L096Pc5uG581z5cX3Y_uwIOk7RHndQuk','answer',1,1,'w.0.1','');
INSERT INTO "audit" VALUES(23,1700000100,'5GmwWlvNbn8L096Pc5uG581z5cX3Y_uwIOk7RHndQuk','answer',1,1,'w.0.2','');
INSERT INTO "audit" VALUES(24,1700000100,'5GmwWlvNbn8L096Pc5uG581z5cX3Y_uwIOk7RHndQuk','answer',1,1,'o.0.0','');
INSERT INTO "audit" VALUES(25,1700000200,'5GmwWlvNbn8L096Pc5uG581z5cX3Y_uwIOk7RHndQuk','submitted',1,1,'','第 1 次，网上');
INSERT INTO "audit" VALUES(26,1700000100,'h-1djxBGIN4XE4IetpX5cXwMAT0vKov448mdtJw26mQ','answer',1,1,'w.0.0','');
INSERT INTO "audit" VALUES(27,1700000100,'h-1djxBGIN4XE4IetpX5cXwMAT0vKov448mdtJw26mQ','answer',1,1,'w.0.1','');
INSERT INTO "audit" VALUES(28,1700000100,'h-1djxBGIN4XE4IetpX5cXwMAT0vKov448mdtJw26mQ','answer',1,1,'w.0.2','');
INSERT INTO "audit" VALUES(29,1700000100,'h-1djxBGIN4XE4IetpX5cXwMAT0vKov448mdtJw26mQ','answer',1,1,'o.0.0','');
INSERT INTO "audit" VALUES(30,1700000200,'h-1djxBGIN4XE4IetpX5cXwMAT0vKov448mdtJw26mQ','submitted',1,1,'','第 1 次，网上');
INSERT INTO "audit" VALUES(31,1700000100,'ibJQEQ3qnRLe3YPvb7XoI21Mw8_3d_qAFl_f4d93_R8','answer',1,1,'w.0.0','');
INSERT INTO "audit" VALUES(32,1700000100,'ibJQEQ3qnRLe3YPvb7XoI21Mw8_3d_qAFl_f4d93_R8','answer',1,1,'w.0.1','');
INSERT INTO "audit" VALUES(33,1700000100,'ibJQEQ3qnRLe3YPvb7XoI21Mw8_3d_qAFl_f4d93_R8','answer',1,1,'w.0.2','');
INSERT INTO "audit" VALUES(34,1700000100,'ibJQEQ3qnRLe3YPvb7XoI21Mw8_3d_qAFl_f4d93_R8','answer',1,1,'o.0.0','');
INSERT INTO "audit" VALUES(35,1700000200,'ibJQEQ3qnRLe3YPvb7XoI21Mw8_3d_qAFl_f4d93_R8','submitted',1,1,'','第 1 次，网上');
INSERT INTO "audit" VALUES(36,1700000100,'-7LoRu-pjzi2_n4E3jUygHKas4SiO-8MViw3aEdv9Fo','answer',1,1,'w.0.0','');
INSERT INTO "audit" VALUES(37,1700000100,'-7LoRu-pjzi2_n4E3jUygHKas4SiO-8MViw3aEdv9Fo','answer',1,1,'w.0.1','');
INSERT INTO "audit" VALUES(38,1700000100,'-7LoRu-pjzi2_n4E3jUygHKas4SiO-8MViw3aEdv9Fo','answer',1,1,'w.0.2','');
INSERT INTO "audit" VALUES(39,1700000100,'-7LoRu-pjzi2_n4E3jUygHKas4SiO-8MViw3aEdv9Fo','answer',1,1,'o.0.0','');
INSERT INTO "audit" VALUES(40,1700000200,'-7LoRu-pjzi2_n4E3jUygHKas4SiO-8MViw3aEdv9Fo','submitted',1,1,'','第 1 次，网上');
INSERT INTO "audit" VALUES(41,1700000000,'organiser:1','round-closed',1,1,'','快照 47cabfd733d78a8f58280d71619eb30e4630b18e1a61059738ae4f1793b324e3');
INSERT INTO "audit" VALUES(42,1700000300,'organiser:1','round-prepared',1,2,'allocation','');
INSERT INTO "audit" VALUES(43,1700000300,'organiser:1','round-opened',1,2,'','');
INSERT INTO "audit" VALUES(44,1700000400,'Vtyjzhw0-PMpq89rCCXSuCXpL4h5Y07Zs9Fi2ZVqZvc','answer',1,2,'w.0.0','');
CREATE TABLE derived (
	"key" VARCHAR(64) NOT NULL, 
	content TEXT NOT NULL, 
	CONSTRAINT pk_derived PRIMARY KEY ("key")
);
CREATE TABLE late_answers (
	id INTEGER NOT NULL, 
	round_id INTEGER NOT NULL, 
	pseudonym VARCHAR(43) NOT NULL, 
	item VARCHAR(40) NOT NULL, 
	value TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_late_answers PRIMARY KEY (id), 
	FOREIGN KEY(round_id) REFERENCES rounds (id)
);
CREATE TABLE links (
	id INTEGER NOT NULL, 
	member_id INTEGER NOT NULL, 
	token_sha256 VARCHAR(64) NOT NULL, 
	created_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	first_used_at BIGINT, 
	revoked_at BIGINT, 
	CONSTRAINT pk_links PRIMARY KEY (id), 
	FOREIGN KEY(member_id) REFERENCES members (id), 
	CONSTRAINT uq_links_token_sha256 UNIQUE (token_sha256)
);
INSERT INTO "links" VALUES(1,1,'2bae286494a5bfbc01be860a3ccbab441b531c75ef1202c7c6f4d9b0d10cd80f',1796037551,1801221551,NULL,NULL);
INSERT INTO "links" VALUES(2,2,'f54047959a0edfd3660c1efba13a33672e58239f8b6032d5fdc62abed242a2ea',1796037551,1801221551,NULL,NULL);
INSERT INTO "links" VALUES(3,3,'ef52357fa9c4177298319521c53bd6e9a6db5778cef2f7ca9846bdbc5d19e1a6',1796037551,1801221551,NULL,NULL);
INSERT INTO "links" VALUES(4,4,'d34eb293bb69d55675c8ffb9beaa1c3ccd8747a7a5c35019e2669d5a81012801',1796037551,1801221551,NULL,NULL);
INSERT INTO "links" VALUES(5,5,'4e3ea8f540a7f134382b95a4470c84377d35ad27a92dd609b2592d5949f13716',1796037551,1801221551,NULL,NULL);
INSERT INTO "links" VALUES(6,6,'5571969593947e337b35812b7afe6b57807e3043052a291dd530a45d7f084839',1796037551,1801221551,NULL,NULL);
CREATE TABLE members (
	id INTEGER NOT NULL, 
	panel_id INTEGER NOT NULL, 
	code TEXT NOT NULL, 
	pseudonym VARCHAR(43) NOT NULL, 
	CONSTRAINT pk_members PRIMARY KEY (id), 
	CONSTRAINT uq_members_panel_id UNIQUE (panel_id, code), 
	FOREIGN KEY(panel_id) REFERENCES panels (id), 
	CONSTRAINT uq_members_pseudonym UNIQUE (pseudonym)
);
INSERT INTO "members" VALUES(1,1,'专家01','Vtyjzhw0-PMpq89rCCXSuCXpL4h5Y07Zs9Fi2ZVqZvc');
INSERT INTO "members" VALUES(2,1,'专家02','yg-Z-FK1c5Qtpv5RXWvlCdt7p-vWYXFebwQ8v3ehPQY');
INSERT INTO "members" VALUES(3,1,'专家03','5GmwWlvNbn8L096Pc5uG581z5cX3Y_uwIOk7RHndQuk');
INSERT INTO "members" VALUES(4,1,'专家04','h-1djxBGIN4XE4IetpX5cXwMAT0vKov448mdtJw26mQ');
INSERT INTO "members" VALUES(5,1,'专家05','ibJQEQ3qnRLe3YPvb7XoI21Mw8_3d_qAFl_f4d93_R8');
INSERT INTO "members" VALUES(6,1,'专家06','-7LoRu-pjzi2_n4E3jUygHKas4SiO-8MViw3aEdv9Fo');
CREATE TABLE organisers (
	id INTEGER NOT NULL, 
	login VARCHAR(80) NOT NULL, 
	password_hash TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_organisers PRIMARY KEY (id), 
	CONSTRAINT uq_organisers_login UNIQUE (login)
);
INSERT INTO "organisers" VALUES(1,'zuzhizhe','$argon2id$v=19$m=64,t=1,p=1$IfLX0spNvGdRzw3ySmcSjg$5uZe8x6aHOa9nThTq/izP0DeJrhIrkLhW5zU32sgQYs',1796037551);
CREATE TABLE panels (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	title TEXT NOT NULL, 
	definition TEXT NOT NULL, 
	definition_sha256 VARCHAR(64) NOT NULL, 
	rule TEXT NOT NULL, 
	rule_sha256 VARCHAR(64) NOT NULL, 
	frozen_at BIGINT, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_panels PRIMARY KEY (id), 
	FOREIGN KEY(project_id) REFERENCES projects (id)
);
INSERT INTO "panels" VALUES(1,1,'征询','{"groups":[{"items":[{"explanation":"","key":"能源消耗","name":"能源消耗","unit":""},{"explanation":"","key":"水资源消耗","name":"水资源消耗","unit":""},{"explanation":"","key":"污染物产生与排放","name":"污染物产生与排放","unit":""}],"name":"一级指标"},{"items":[{"explanation":"","key":"N1","name":"单位产品综合能耗","unit":""},{"explanation":"","key":"N2","name":"余热利用率","unit":""},{"explanation":"","key":"N3","name":"清洁能源占比","unit":""}],"name":"能源消耗"},{"items":[{"explanation":"","key":"S1","name":"单位产品取水量","unit":""},{"explanation":"","key":"S2","name":"水重复利用率","unit":""}],"name":"水资源消耗"},{"items":[{"explanation":"","key":"W1","name":"颗粒物排放量","unit":""},{"explanation":"","key":"W2","name":"二氧化硫排放量","unit":""},{"explanation":"","key":"W3","name":"氮氧化物排放量","unit":""},{"explanation":"","key":"W4","name":"化学需氧量排放量","unit":""}],"name":"污染物产生与排放"}],"industry":"","rated":[{"items":[{"explanation":"","key":"N1","name":"单位产品综合能耗","unit":""},{"explanation":"","key":"N2","name":"余热利用率","unit":""},{"explanation":"","key":"N3","name":"清洁能源占比","unit":""}],"name":"能源消耗"},{"items":[{"explanation":"","key":"S1","name":"单位产品取水量","unit":""},{"explanation":"","key":"S2","name":"水重复利用率","unit":""}],"name":"水资源消耗"},{"items":[{"explanation":"","key":"W1","name":"颗粒物排放量","unit":""},{"explanation":"","key":"W2","name":"二氧化硫排放量","unit":""},{"explanation":"","key":"W3","name":"氮氧化物排放量","unit":""},{"explanation":"","key":"W4","name":"化学需氧量排放量","unit":""}],"name":"污染物产生与排放"}],"settings":{"aggregation":"AIJ","authority_table":"customary","cr_limit":"0.1","expert_weights":"相同","inconsistent_experts":"退回","prioritisation":"特征向量法","quartile":"type-7","random_index":"saaty-1980","rating_scale":5,"screening":"三项","stop_cv":"0.25","stop_rounds":3,"stop_stability":"0.15","weight_decimals":2},"title":"","version":1}','a63ed58d067efe30817d672e4cf73877749906929f22f0d22efc5f4431afd61d','{"max_cv":0.25,"max_cv_change":null,"max_histogram_change":0.15,"max_iqr":null,"max_rounds":3,"max_w_p":null,"min_consensus_share":1.0,"min_kappa":null,"min_response":null,"min_rounds":2,"min_stable_share":1.0,"min_w":null,"min_wilcoxon_p":null,"no_disagreement":false,"quantiles":"type-7","version":1}','ec9258ae126933d78f0b19f9ea9cd6f52f9c15f855a4c501185ecb9103a121a5',1700000000,1796037551);
CREATE TABLE project_organisers (
	project_id INTEGER NOT NULL, 
	organiser_id INTEGER NOT NULL, 
	CONSTRAINT pk_project_organisers PRIMARY KEY (project_id, organiser_id), 
	FOREIGN KEY(project_id) REFERENCES projects (id), 
	FOREIGN KEY(organiser_id) REFERENCES organisers (id)
);
INSERT INTO "project_organisers" VALUES(1,1);
CREATE TABLE projects (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	folder TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_projects PRIMARY KEY (id), 
	CONSTRAINT uq_projects_folder UNIQUE (folder)
);
INSERT INTO "projects" VALUES(1,'水泥行业','/nowhere/9100c390',1796037551);
CREATE TABLE rounds (
	id INTEGER NOT NULL, 
	panel_id INTEGER NOT NULL, 
	track VARCHAR(8) NOT NULL, 
	number INTEGER NOT NULL, 
	instrument VARCHAR(12) NOT NULL, 
	state VARCHAR(8) NOT NULL, 
	notice TEXT NOT NULL, 
	deadline TEXT NOT NULL, 
	opened_at BIGINT, 
	closed_at BIGINT, 
	CONSTRAINT pk_rounds PRIMARY KEY (id), 
	CONSTRAINT uq_rounds_panel_id UNIQUE (panel_id, track, number), 
	FOREIGN KEY(panel_id) REFERENCES panels (id)
);
INSERT INTO "rounds" VALUES(1,1,'delphi',1,'allocation','closed','','',1700000000,1700000000);
INSERT INTO "rounds" VALUES(2,1,'delphi',2,'allocation','open','请再答一轮','2026年12月1日下班前',1700000300,NULL);
CREATE TABLE sessions (
	id INTEGER NOT NULL, 
	token_sha256 VARCHAR(64) NOT NULL, 
	member_id INTEGER, 
	link_id INTEGER, 
	organiser_id INTEGER, 
	created_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	revoked_at BIGINT, 
	CONSTRAINT pk_sessions PRIMARY KEY (id), 
	CONSTRAINT uq_sessions_token_sha256 UNIQUE (token_sha256), 
	FOREIGN KEY(member_id) REFERENCES members (id), 
	FOREIGN KEY(link_id) REFERENCES links (id), 
	FOREIGN KEY(organiser_id) REFERENCES organisers (id)
);
CREATE TABLE snapshots (
	round_id INTEGER NOT NULL, 
	content TEXT NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_snapshots PRIMARY KEY (round_id), 
	FOREIGN KEY(round_id) REFERENCES rounds (id)
);
INSERT INTO "snapshots" VALUES(1,'{"answers":{"-7LoRu-pjzi2_n4E3jUygHKas4SiO-8MViw3aEdv9Fo":{"channel":"web","values":{"o.0.0":"旧版意见","w.0.0":"46","w.0.1":"44","w.0.2":"10"}},"5GmwWlvNbn8L096Pc5uG581z5cX3Y_uwIOk7RHndQuk":{"channel":"web","values":{"o.0.0":"旧版意见","w.0.0":"43","w.0.1":"47","w.0.2":"10"}},"Vtyjzhw0-PMpq89rCCXSuCXpL4h5Y07Zs9Fi2ZVqZvc":{"channel":"web","values":{"o.0.0":"旧版意见","w.0.0":"41","w.0.1":"49","w.0.2":"10"}},"h-1djxBGIN4XE4IetpX5cXwMAT0vKov448mdtJw26mQ":{"channel":"web","values":{"o.0.0":"旧版意见","w.0.0":"44","w.0.1":"46","w.0.2":"10"}},"ibJQEQ3qnRLe3YPvb7XoI21Mw8_3d_qAFl_f4d93_R8":{"channel":"web","values":{"o.0.0":"旧版意见","w.0.0":"45","w.0.1":"45","w.0.2":"10"}},"yg-Z-FK1c5Qtpv5RXWvlCdt7p-vWYXFebwQ8v3ehPQY":{"channel":"web","values":{"o.0.0":"旧版意见","w.0.0":"42","w.0.1":"48","w.0.2":"10"}}},"definition":"a63ed58d067efe30817d672e4cf73877749906929f22f0d22efc5f4431afd61d","instrument":"allocation","members":["Vtyjzhw0-PMpq89rCCXSuCXpL4h5Y07Zs9Fi2ZVqZvc","yg-Z-FK1c5Qtpv5RXWvlCdt7p-vWYXFebwQ8v3ehPQY","5GmwWlvNbn8L096Pc5uG581z5cX3Y_uwIOk7RHndQuk","h-1djxBGIN4XE4IetpX5cXwMAT0vKov448mdtJw26mQ","ibJQEQ3qnRLe3YPvb7XoI21Mw8_3d_qAFl_f4d93_R8","-7LoRu-pjzi2_n4E3jUygHKas4SiO-8MViw3aEdv9Fo"],"number":1,"rule":"ec9258ae126933d78f0b19f9ea9cd6f52f9c15f855a4c501185ecb9103a121a5","track":"delphi","version":1}','47cabfd733d78a8f58280d71619eb30e4630b18e1a61059738ae4f1793b324e3');
CREATE TABLE submissions (
	id INTEGER NOT NULL, 
	round_id INTEGER NOT NULL, 
	pseudonym VARCHAR(43) NOT NULL, 
	number INTEGER NOT NULL, 
	content TEXT NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	channel VARCHAR(4) NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_submissions PRIMARY KEY (id), 
	CONSTRAINT uq_submissions_round_id UNIQUE (round_id, pseudonym, number), 
	FOREIGN KEY(round_id) REFERENCES rounds (id)
);
INSERT INTO "submissions" VALUES(1,1,'Vtyjzhw0-PMpq89rCCXSuCXpL4h5Y07Zs9Fi2ZVqZvc',1,'{"o.0.0":"旧版意见","w.0.0":"41","w.0.1":"49","w.0.2":"10"}','80db52ef849a1de7f64f63dc4753c7a0532b412f0ca6544fa35bcc27f0868a54','web',1700000200);
INSERT INTO "submissions" VALUES(2,1,'yg-Z-FK1c5Qtpv5RXWvlCdt7p-vWYXFebwQ8v3ehPQY',1,'{"o.0.0":"旧版意见","w.0.0":"42","w.0.1":"48","w.0.2":"10"}','aa04a3f0f073d3938f364468228cbf3efbcaa2bd7665b165e3e3f14081ff877c','web',1700000200);
INSERT INTO "submissions" VALUES(3,1,'5GmwWlvNbn8L096Pc5uG581z5cX3Y_uwIOk7RHndQuk',1,'{"o.0.0":"旧版意见","w.0.0":"43","w.0.1":"47","w.0.2":"10"}','1e741321828352f768480dac9caa728b5dd921e58fcb5c217c98912babe8eb1c','web',1700000200);
INSERT INTO "submissions" VALUES(4,1,'h-1djxBGIN4XE4IetpX5cXwMAT0vKov448mdtJw26mQ',1,'{"o.0.0":"旧版意见","w.0.0":"44","w.0.1":"46","w.0.2":"10"}','5b3759ab6d7b20be58a137cee9bcfd7afab28d71e0d774075175ce98f5af71c1','web',1700000200);
INSERT INTO "submissions" VALUES(5,1,'ibJQEQ3qnRLe3YPvb7XoI21Mw8_3d_qAFl_f4d93_R8',1,'{"o.0.0":"旧版意见","w.0.0":"45","w.0.1":"45","w.0.2":"10"}','ae0ed77899ee7c4366ab6d3ffdd8180d2914b8635dc51f7f2cb49f0d15820b7c','web',1700000200);
INSERT INTO "submissions" VALUES(6,1,'-7LoRu-pjzi2_n4E3jUygHKas4SiO-8MViw3aEdv9Fo',1,'{"o.0.0":"旧版意见","w.0.0":"46","w.0.1":"44","w.0.2":"10"}','03676544b71f750014f0e00e290e0220f3a2e5ecd9f182a23bc356945dd85d8d','web',1700000200);
CREATE INDEX ix_audit_panel ON audit (panel_id, id);
CREATE INDEX ix_panels_project_id ON panels (project_id);
CREATE INDEX ix_links_member_id ON links (member_id);
CREATE INDEX ix_sessions_member_id ON sessions (member_id);
CREATE TRIGGER rounds_closed BEFORE UPDATE ON rounds WHEN OLD.state = 'closed' BEGIN SELECT RAISE(ABORT, 'immutable: rounds_closed'); END;
CREATE TRIGGER rounds_kept BEFORE DELETE ON rounds WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'immutable: rounds_kept'); END;
CREATE TRIGGER answers_kept BEFORE DELETE ON answers WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'immutable: answers_kept'); END;
CREATE TRIGGER answer_history_fixed BEFORE UPDATE ON answer_history WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'immutable: answer_history_fixed'); END;
CREATE TRIGGER answer_history_kept BEFORE DELETE ON answer_history WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'immutable: answer_history_kept'); END;
CREATE TRIGGER late_answers_fixed BEFORE UPDATE ON late_answers WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'immutable: late_answers_fixed'); END;
CREATE TRIGGER late_answers_kept BEFORE DELETE ON late_answers WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'immutable: late_answers_kept'); END;
CREATE TRIGGER submissions_fixed BEFORE UPDATE ON submissions WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'immutable: submissions_fixed'); END;
CREATE TRIGGER submissions_kept BEFORE DELETE ON submissions WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'immutable: submissions_kept'); END;
CREATE TRIGGER snapshots_fixed BEFORE UPDATE ON snapshots WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'immutable: snapshots_fixed'); END;
CREATE TRIGGER snapshots_kept BEFORE DELETE ON snapshots WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'immutable: snapshots_kept'); END;
CREATE TRIGGER audit_fixed BEFORE UPDATE ON audit WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'immutable: audit_fixed'); END;
CREATE TRIGGER audit_kept BEFORE DELETE ON audit WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'immutable: audit_kept'); END;
CREATE TRIGGER answers_open BEFORE INSERT ON answers WHEN (SELECT state FROM rounds WHERE id = NEW.round_id) <> 'open' BEGIN SELECT RAISE(ABORT, 'immutable: answers_open'); END;
CREATE TRIGGER answer_history_open BEFORE INSERT ON answer_history WHEN (SELECT state FROM rounds WHERE id = NEW.round_id) <> 'open' BEGIN SELECT RAISE(ABORT, 'immutable: answer_history_open'); END;
CREATE TRIGGER submissions_open BEFORE INSERT ON submissions WHEN (SELECT state FROM rounds WHERE id = NEW.round_id) <> 'open' BEGIN SELECT RAISE(ABORT, 'immutable: submissions_open'); END;
CREATE TRIGGER answers_open_update BEFORE UPDATE ON answers WHEN (SELECT state FROM rounds WHERE id = NEW.round_id) <> 'open' BEGIN SELECT RAISE(ABORT, 'immutable: answers_open_update'); END;
COMMIT;
